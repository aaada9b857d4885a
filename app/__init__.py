"""The served application: FastAPI with a mounted Gradio page, reading digits with the LiteRT reader."""
