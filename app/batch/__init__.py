"""Batch reading of pictures into Parquet files, with resuming: `python -m app batch`."""


class BatchError(Exception):
    """The batch cannot start or continue. The message is one sentence for the user."""
