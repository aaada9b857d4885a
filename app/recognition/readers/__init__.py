"""Networks that read ink, and the search for the most probable number."""
