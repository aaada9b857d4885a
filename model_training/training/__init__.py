"""The recipe: configuration, network, and the training run that ends in a release folder."""
