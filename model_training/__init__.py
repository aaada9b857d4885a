"""Trains the digit network with TensorFlow/Keras and writes it as a release folder."""
