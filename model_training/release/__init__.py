"""What leaves the training: the LiteRT reader, the release folder, its card."""
