"""Write many drawings as PNG files and as Parquet files."""

from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.drawings import draw_digits

_IN_FOLDER = 1000
_IN_PARQUET = 10_000
_IN_ROW_GROUP = 1000


def write_files(folder: Path, *, count: int) -> None:
    """Write drawings as PNG files, 1,000 in each folder."""
    for place, drawing in enumerate(islice(cycle(draw_digits()), count)):
        subfolder = folder / f"{place // _IN_FOLDER:05d}"
        if place % _IN_FOLDER == 0:
            subfolder.mkdir(parents=True)
        (subfolder / f"{place:08d}.png").write_bytes(drawing.png)


def write_parquet(folder: Path, *, count: int) -> None:
    """Write the same drawings into Parquet files."""
    folder.mkdir(parents=True)
    pictures = islice(cycle(drawing.png for drawing in draw_digits()), count)
    for number in range(-(-count // _IN_PARQUET)):
        table = pa.table({"image": list(islice(pictures, _IN_PARQUET))})
        pq.write_table(table, folder / f"{number:05d}.parquet", row_group_size=_IN_ROW_GROUP)
