"""Training: configuration, network, and the run that writes a release folder."""
