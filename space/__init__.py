"""Puts the app, or the reader alone, on a Hugging Face Space."""
