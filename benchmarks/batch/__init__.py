"""Many pictures read by `python -m app batch`: how fast, in how much memory, and through kills."""
