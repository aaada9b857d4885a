"""The Uvicorn server: start, graceful shutdown, worker processes."""
