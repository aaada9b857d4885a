"""The commands, one a file: what each takes, and how it tells what it did."""
