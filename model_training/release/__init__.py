"""Release of a trained network: the LiteRT reader, the release folder, the model card, publishing."""
