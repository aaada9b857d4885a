"""A release: verified, loaded, and refreshed from the Hub."""
