"""Finds, verifies and opens a release: the folder that training hands over."""
