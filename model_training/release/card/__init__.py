"""The model card: what a release tells of itself, written out of what was measured."""
