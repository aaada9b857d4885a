"""The loop from given corrections to the next release: review, fine-tuning, gate, publication."""
