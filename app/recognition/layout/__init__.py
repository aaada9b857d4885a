"""Layout of the ink: connected components, ruled lines, lines of text."""
