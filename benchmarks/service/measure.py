"""Measure a server: its start, its memory and its performance under load."""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import httpx2

from benchmarks.drawings import draw_digits
from benchmarks.servers import clean_environment, resident_megabytes, run_server
from benchmarks.service.candidates import Candidate
from benchmarks.service.load import Load, drive

_WARM_UP_SECONDS = 2
_WARM_UP_CONNECTIONS = 8
_IMPORTS = 3


class WrongAnswerError(Exception):
    """A server misread a drawing."""


@dataclass(frozen=True)
class Measured:
    """Results of one server.

    Attributes:
        letter: of the candidate.
        name: of the candidate.
        start_seconds: from the start of the process to the first response.
        resident_megabytes: memory of all its processes after the load.
        loads: one for each number of connections.
    """

    letter: str
    name: str
    start_seconds: float
    resident_megabytes: float
    loads: tuple[Load, ...]

    def load(self, connections: int) -> Load:
        """Return the result for a number of connections."""
        return next(load for load in self.loads if load.connections == connections)


def measure(candidate: Candidate, *, connections: Sequence[int], seconds: int) -> Measured:
    """Start a server, measure it, and stop it.

    Raises:
        StartError: it does not start.
        WrongAnswerError: it misreads a drawing.
    """
    bodies = [candidate.encode(drawing) for drawing in draw_digits()]
    environment = clean_environment() | dict(candidate.variables)
    with run_server(candidate.command, candidate.path, body=bodies[0], environment=environment) as server:
        _check_answers(candidate, server.url)
        drive_server = partial(drive, server.url, candidate.path, bodies)
        drive_server(connections=_WARM_UP_CONNECTIONS, seconds=_WARM_UP_SECONDS)
        loads = [drive_server(connections=count, seconds=seconds) for count in connections]
        memory = resident_megabytes(server.process)
    return Measured(candidate.letter, candidate.name, server.seconds, memory, tuple(loads))


def time_import_of_gradio() -> float:
    """Return the median seconds of `python -c "import gradio"`."""
    times = []
    for _ in range(_IMPORTS):
        start = time.monotonic()
        subprocess.run([sys.executable, "-c", "import gradio"], check=True)
        times.append(time.monotonic() - start)
    return statistics.median(times)


def _check_answers(candidate: Candidate, url: str) -> None:
    headers = {"Content-Type": "application/json"}
    with httpx2.Client(base_url=url, headers=headers, timeout=60) as client:
        for drawing in draw_digits():
            response = client.post(candidate.path, content=candidate.encode(drawing)).raise_for_status()
            text = candidate.find_text(response.content)
            if candidate.reads and text != drawing.text:
                raise WrongAnswerError(f"{candidate.name} reads {drawing.text} as {text!r}")
