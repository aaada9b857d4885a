"""Run the command, and record the memory of all its processes."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import psutil
import pyarrow.parquet as pq

from benchmarks.servers import clean_environment

_SAMPLE_SECONDS = 0.5
_SETTLED = (0.2, 0.95)  # shares of the time between which growth is measured


@dataclass(frozen=True)
class Run:
    """One batch.

    Attributes:
        name: in the tables.
        pictures: number of pictures.
        seconds: from the start of the command to its end.
        printed: by the command.
        samples: seconds since the start, and resident megabytes of all processes, with shared memory in each.
    """

    name: str
    pictures: int
    seconds: float
    printed: str
    samples: list[tuple[float, float]]

    @property
    def rate(self) -> float:
        """Pictures a second, including the start of the command."""
        return self.pictures / self.seconds

    @property
    def peak(self) -> float:
        """Largest memory in megabytes."""
        return max((megabytes for _, megabytes in self.samples), default=float("nan"))

    @property
    def growth(self) -> float:
        """Growth of the memory in megabytes for 10,000 pictures, without start and end."""
        first, last = (share * self.seconds for share in _SETTLED)
        settled = [sample for sample in self.samples if first < sample[0] < last]
        if len(settled) < 3:
            return float("nan")
        seconds, megabytes = np.array(settled).T
        slope = float(np.polyfit(seconds, megabytes, 1)[0])
        return slope * 10_000 / self.rate


@dataclass(frozen=True)
class Kills:
    """A batch that was killed and restarted several times.

    Attributes:
        parts: number of finished parts at each kill.
        rows: in all parts at the end.
        pictures: different ones among them.
        differing: rows that differ from those of an uninterrupted run.
    """

    parts: list[int]
    rows: int
    pictures: int
    differing: int


def run_batch(
    name: str, given: Path, output: Path, options: Sequence[str], *, pictures: int, ray: Path
) -> Run:
    """Run the command to its end; `ray` is the folder for Ray's files."""
    start, samples = monotonic(), list[tuple[float, float]]()
    with _start(given, output, options, ray=ray) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            samples.append((monotonic() - start, _resident_megabytes(watched)))
            sleep(_SAMPLE_SECONDS)
        seconds, printed = monotonic() - start, process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"{name} ended with {process.returncode}")
    return Run(name, pictures, seconds, printed.strip(), samples)


def run_with_kills(given: Path, output: Path, *, uninterrupted: Path, times: int, ray: Path) -> Kills:
    """Kill the command `times` times at about equal distances, run it to its end, and compare the results."""
    options, total = ("--workers", "2"), _count_parts(uninterrupted)
    parts = []
    for time in range(times):
        with _start(given, output, options, ray=ray) as process:
            while process.poll() is None and _count_parts(output) < (time + 1) * total / (times + 1):
                sleep(0.01)
            process.kill()
        parts.append(_count_parts(output))
    run_batch("killed", given, output, options, pictures=0, ray=ray)
    rows, distinct, differing = 0, set[str](), 0
    for path in sorted(uninterrupted.glob("part-*.parquet")):
        expected, found = pq.read_table(path), pq.read_table(output / path.name)
        rows += found.num_rows
        distinct.update(found["path"].to_pylist())
        differing += 0 if found.equals(expected) else found.num_rows
    return Kills(parts, rows, len(distinct), differing)


def _start(given: Path, output: Path, options: Sequence[str], *, ray: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "app", "batch", str(given), "--output", str(output), *options]
    environment = clean_environment() | {"RAY_TMPDIR": str(ray)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def _resident_megabytes(process: psutil.Process) -> float:
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.NoSuchProcess:
        pass  # it has ended
    return total / 2**20


def _count_parts(output: Path) -> int:
    return len(list(output.glob("part-*.parquet")))
