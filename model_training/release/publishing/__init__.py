"""Puts a release into a repo on the Hugging Face Hub: checks first, then one commit."""
