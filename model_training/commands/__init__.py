"""The commands, one per file: options and printed output."""
