"""Deploys the app, or the static page, to a Hugging Face Space."""
