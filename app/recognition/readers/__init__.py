"""Readers: of one digit, and of a number."""
