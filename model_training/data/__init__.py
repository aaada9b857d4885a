"""The digits that the network learns from: MNIST, and how its pictures are varied."""
