"""Thousands of damaged pictures sent to a running server: statuses of the responses, and memory."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import uvloop

from app.recognition.image.formats import FORMATS
from benchmarks.client import Connection, Response, encode_request
from benchmarks.results import describe_machine, table, write_results
from benchmarks.servers import Server, resident_megabytes, run_app
from tests.mutations import KINDS, Mutated, encode_variants, mutate

_CONNECTIONS = 4
_DIGITS = Path(__file__).parents[1] / "tests" / "data" / "mnist_sample.npz"
_ALLOWED = {200, 400, 413}
_TYPES = {each.pillow_name: each.media_type for each in FORMATS}
_SAMPLES = 8  # of the memory, at equal distances
_TIMEOUT_SECONDS = 60.0
_MOST_FAILURES = 50  # the run stops then: the server is broken


class Fuzzing:
    """A run: the statuses of the responses, the memory, and the files with other statuses."""

    def __init__(self, server: Server, *, files: int, seed: int) -> None:
        self._server = server
        self._files = files
        self._queue = iter(make_files(files, seed=seed))
        self.statuses: dict[str, Counter[int]] = {kind: Counter() for kind in KINDS}
        self.megabytes = [(0, resident_megabytes(server.process))]
        self.failures: list[tuple[int, Mutated]] = []

    async def run(self) -> None:
        """Send every file."""
        await asyncio.gather(*(self._send() for _ in range(_CONNECTIONS)))

    async def _send(self) -> None:
        async with Connection(self._server.port) as connection:
            for file in self._queue:
                request = encode_request("/api/predict", file.data, content_type=_TYPES[file.kind])
                try:
                    response = await asyncio.wait_for(connection.send(request), _TIMEOUT_SECONDS)
                except (OSError, TimeoutError):
                    response = Response()
                self._record(file, response.status)
                if len(self.failures) >= _MOST_FAILURES:
                    return

    def _record(self, file: Mutated, status: int) -> None:
        self.statuses[file.kind][status] += 1
        if status not in _ALLOWED:
            self.failures.append((status, file))
        done = sum(counter.total() for counter in self.statuses.values())
        if done % (self._files // _SAMPLES or 1) == 0:
            self.megabytes.append((done, resident_megabytes(self._server.process)))


def make_files(count: int, *, seed: int) -> Iterator[Mutated]:
    """Yield damaged files of each format in turn, the same for the same seed."""
    generator = np.random.default_rng(seed)
    with np.load(_DIGITS) as sample:
        pictures = [encode_variants(digit) for digit in sample["images"][:10]]
    for place in range(count):
        yield mutate(pictures[place % len(pictures)], KINDS[place % len(KINDS)], generator)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--files", type=int, default=20_000, help="number of files (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the damage (default %(default)s)")


def run(options: argparse.Namespace) -> None:
    """Send the files, and write the results and the files that failed."""
    machine = describe_machine()
    with run_app() as server:
        fuzzing = Fuzzing(server, files=options.files, seed=options.seed)
        uvloop.run(fuzzing.run())
        alive = server.process.poll() is None
    options.output.mkdir(parents=True, exist_ok=True)
    for status, file in fuzzing.failures:
        name = f"fuzz-{status}-{crc32(file.data):08x}.{file.kind.lower()}"
        (options.output / name).write_bytes(file.data)
    data = {
        "machine": machine,
        "seed": options.seed,
        "statuses": fuzzing.statuses,
        "megabytes": fuzzing.megabytes,
        "failures": [{"status": status, "damage": file.damage} for status, file in fuzzing.failures],
        "alive": alive,
    }
    write_results(options.output, "fuzz", data=data, text=_write_text(data))


def _write_text(data: dict[str, Any]) -> str:
    statuses: dict[str, Counter[int]] = data["statuses"]
    found = sorted(set().union(*statuses.values()))
    total = sum(counter.total() for counter in statuses.values())
    counts, memory = zip(*data["megabytes"], strict=True)
    notes = [
        data["machine"],
        f"{total:,} files, seed {data['seed']}",
        f"statuses other than 200, 400 and 413: {len(data['failures'])}",
        f"the server {'still runs' if data['alive'] else 'HAS ENDED'} after the last file",
        f"memory from the middle to the end: {memory[-1] - memory[len(memory) // 2]:+.0f} MB",
    ]
    parts = [
        "# Damaged pictures\n",
        "".join(f"- {note}\n" for note in notes),
        table(
            ("format", *map(str, found)),
            [(kind, *(f"{counter[status]:,}" for status in found)) for kind, counter in statuses.items()],
        ),
        table(
            ("files", *(f"{count:,}" for count in counts)),
            [("resident memory, MB", *(f"{megabytes:.0f}" for megabytes in memory))],
        ),
    ]
    return "\n".join(parts)
