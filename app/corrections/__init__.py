"""Corrections that users give with their consent: stored in a folder, uploaded to a data set on the Hub."""
