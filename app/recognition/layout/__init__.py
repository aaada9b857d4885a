"""Where the ink lies: connected components, ruled lines, lines of text."""
