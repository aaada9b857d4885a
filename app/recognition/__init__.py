"""From a picture's bytes to a reading: picture, ink, regions, reader, reading. Knows no web."""
