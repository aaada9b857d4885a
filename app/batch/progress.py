"""Shows on a terminal how far a batch is."""

from collections.abc import Generator
from contextlib import closing

from tqdm import tqdm

from app.batch.rows import Counts


def follow(found: Generator[Counts], *, total: int, done: int) -> None:
    """Take what comes of pictures, of which `done` of `total` were read before, until all are read."""
    failed = 0
    with closing(found), tqdm(total=total, initial=done, unit=" pictures", disable=None) as bar:
        for counts in found:
            failed += counts.failed
            bar.update(counts.pictures)
            bar.set_postfix(errors=failed)
