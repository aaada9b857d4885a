"""What ends a batch, as opposed to what is wrong with one picture."""


class BatchError(Exception):
    """The batch cannot begin or go on; the message says why, in one sentence."""
