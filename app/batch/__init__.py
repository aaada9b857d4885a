"""Reads many pictures into Parquet files, and goes on where it was stopped: `python -m app batch`."""
