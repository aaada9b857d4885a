"""Publishing of a release to a model repo on the Hugging Face Hub."""
