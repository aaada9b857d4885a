"""The Open Inference Protocol, as in KServe and Triton, and TensorFlow Serving's API, over REST."""
