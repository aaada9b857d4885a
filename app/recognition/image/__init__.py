"""Images: formats, decoding, the level of the paper, and the ink."""
