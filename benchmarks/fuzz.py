"""Damaged pictures by the thousand, against a running server: each is read or refused, and nothing grows."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import uvloop

from benchmarks.client import Answer, Connection, encode_request
from benchmarks.results import describe_machine, table, write_results
from benchmarks.servers import Server, resident_megabytes, run_app
from tests.mutations import FORMATS, Mutated, encode_variants, mutate

_FILES = 20_000
_CONNECTIONS = 4
_DIGITS = Path(__file__).parents[1] / "tests" / "data" / "mnist_sample.npz"
_ALLOWED = {200, 400, 413}
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_SAMPLES = 8  # of the memory, at equal distances
_WAIT_SECONDS = 60.0
_ENOUGH = 50  # wrong answers: the server is broken, or gone


class Fuzzing:
    """One run: what was answered, and which files were not answered as they should be."""

    def __init__(self, server: Server, *, files: int, seed: int) -> None:
        self._server = server
        self._files = files
        self._waiting = iter(make_files(files, seed=seed))
        self.statuses: dict[str, Counter[int]] = {kind: Counter() for kind in FORMATS}
        self.megabytes = [(0, resident_megabytes(server.process))]
        self.wrong: list[tuple[int, Mutated]] = []

    async def run(self) -> None:
        """Send every file."""
        await asyncio.gather(*(self._send() for _ in range(_CONNECTIONS)))

    async def _send(self) -> None:
        async with Connection(self._server.port) as connection:
            for file in self._waiting:
                request = encode_request("/api/predict", file.data, content_type=_TYPES[file.kind])
                try:
                    answer = await asyncio.wait_for(connection.ask(request), _WAIT_SECONDS)
                except (OSError, TimeoutError):
                    answer = Answer()
                self._note(file, answer)
                if len(self.wrong) >= _ENOUGH:
                    return

    def _note(self, file: Mutated, answer: Answer) -> None:
        self.statuses[file.kind][answer.status] += 1
        if answer.status not in _ALLOWED:
            self.wrong.append((answer.status, file))
        done = sum(counter.total() for counter in self.statuses.values())
        if done % (self._files // _SAMPLES or 1) == 0:
            self.megabytes.append((done, resident_megabytes(self._server.process)))


def make_files(count: int, *, seed: int) -> Iterator[Mutated]:
    """Damaged files of each format in turn, each time the same for the same seed."""
    generator = np.random.default_rng(seed)
    with np.load(_DIGITS) as sample:
        pictures = [encode_variants(digit) for digit in sample["images"][:10]]
    for place in range(count):
        yield mutate(pictures[place % len(pictures)], FORMATS[place % len(FORMATS)], generator)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--files", type=int, default=_FILES, help="how many (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the damage (default %(default)s)")


def run(options: argparse.Namespace) -> None:
    """Send the files to a server of our own, and write what came of it."""
    machine = describe_machine()
    with run_app() as server:
        fuzzing = Fuzzing(server, files=options.files, seed=options.seed)
        uvloop.run(fuzzing.run())
        alive = server.process.poll() is None
    for status, file in fuzzing.wrong:
        _keep(options.output, status, file)
    data = {
        "machine": machine,
        "seed": options.seed,
        "statuses": fuzzing.statuses,
        "megabytes": fuzzing.megabytes,
        "wrong": [{"status": status, "damage": file.damage} for status, file in fuzzing.wrong],
        "alive": alive,
    }
    write_results(options.output, "fuzz", data=data, text=_write_text(data))


def _keep(folder: Path, status: int, file: Mutated) -> None:
    """Keep a file that was not answered as it should be."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"fuzz-{status}-{crc32(file.data):08x}.{file.kind.lower()}"
    (folder / name).write_bytes(file.data)


def _write_text(data: dict[str, Any]) -> str:
    statuses: dict[str, Counter[int]] = data["statuses"]
    found = sorted(set().union(*statuses.values()))
    total = sum(counter.total() for counter in statuses.values())
    middle, last = (data["megabytes"][place][1] for place in (len(data["megabytes"]) // 2, -1))
    parts = [
        "# Damaged pictures\n",
        f"- {data['machine']}\n"
        f"- {total:,} files, seed {data['seed']}\n"
        f"- answered otherwise than with 200, 400 or 413: {len(data['wrong'])}; the server "
        f"{'still ran' if data['alive'] else 'HAD ENDED'} at the end\n"
        f"- memory from the middle to the end: {last - middle:+.0f} MB; what grew before is what two large "
        "pictures at once need\n",
        table(
            ("format", *(str(status) for status in found)),
            [(kind, *(f"{counter[status]:,}" for status in found)) for kind, counter in statuses.items()],
        ),
        table(
            ("files", *(f"{count:,}" for count, _ in data["megabytes"])),
            [("resident memory, MB", *(f"{megabytes:.0f}" for _, megabytes in data["megabytes"]))],
        ),
    ]
    return "\n".join(parts)
