"""Explanations of why a digit was read as it was."""
