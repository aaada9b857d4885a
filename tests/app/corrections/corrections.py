"""Corrections for tests, and a process that stores and uploads them until it is killed."""

import io
import itertools
import sys
from pathlib import Path

from PIL import Image

from app.corrections.spool import Correction, Spool
from app.corrections.upload import upload
from app.model.hub import HubModel

DATA_SET = HubModel("ann/corrections", "main")


def make_correction(number: int, *, writer: str = "a" * 32) -> Correction:
    """Return a correction whose picture depends on a number."""
    png = io.BytesIO()
    Image.new("RGB", (4, 4), (number >> 16 & 255, number >> 8 & 255, number & 255)).save(png, "PNG")
    return Correction(
        image=png.getvalue(),
        text="7",
        read="2",
        writer=writer,
        strokes="[[[0, 0], [1, 1]]]",
        model="0" * 64,
        day="2026-11-27",
        source="api",
    )


def main(folder: str, first: str) -> None:
    """Store corrections, print the number of each once it is stored, and upload every third time."""
    spool = Spool(Path(folder), has_copy=True)
    for number in itertools.count(int(first)):
        spool.add(make_correction(number))
        print(number, flush=True)  # noqa: T201
        if number % 3 == 0:
            upload(spool, DATA_SET)


if __name__ == "__main__":
    main(*sys.argv[1:])
