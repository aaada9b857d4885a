"""Measures one server: its start, its memory, and what it does under load."""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx2

from benchmarks.drawings import draw_digits
from benchmarks.servers import Request, clean_environment, resident_megabytes, run_server
from benchmarks.service.contenders import Contender
from benchmarks.service.load import Load, drive

_WARM_UP_SECONDS = 2
_WARM_UP_CONNECTIONS = 8
_IMPORTS = 3


class WrongAnswerError(Exception):
    """A server that reads did not read a drawing whose answer is known."""


@dataclass(frozen=True)
class Measured:
    """What was measured of one server.

    Attributes:
        letter: of the contender.
        name: of the contender.
        start_seconds: from the start of the process to the first answer.
        resident_megabytes: of all its processes, after the load.
        loads: one for each number of connections.
    """

    letter: str
    name: str
    start_seconds: float
    resident_megabytes: float
    loads: tuple[Load, ...]

    def load(self, connections: int) -> Load:
        """What was measured at so many connections."""
        return next(load for load in self.loads if load.connections == connections)


def measure(contender: Contender, *, connections: Sequence[int], seconds: int) -> Measured:
    """Start a server, drive it, stop it.

    Raises:
        StartError: it does not start.
        WrongAnswerError: it does not read the drawings.
    """
    bodies = [contender.encode(drawing) for drawing in draw_digits()]
    request = Request(contender.path, bodies[0])
    environment = clean_environment() | dict(contender.variables)
    with run_server(contender.command, request, environment=environment) as server:
        _check_answers(contender, server.url)
        drive(
            server.url,
            contender.path,
            bodies,
            connections=_WARM_UP_CONNECTIONS,
            seconds=_WARM_UP_SECONDS,
        )
        loads = [
            drive(server.url, contender.path, bodies, connections=count, seconds=seconds)
            for count in connections
        ]
        memory = resident_megabytes(server.process)
    return Measured(contender.letter, contender.name, server.seconds, memory, tuple(loads))


def time_import_of_gradio() -> float:
    """Seconds of `python -c "import gradio"`, the median of a few."""
    times = []
    for _ in range(_IMPORTS):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", "import gradio"], check=True)
        times.append(time.monotonic() - began)
    return statistics.median(times)


def _check_answers(contender: Contender, url: str) -> None:
    headers = {"Content-Type": "application/json"}
    with httpx2.Client(base_url=url, headers=headers, timeout=60) as client:
        for drawing in draw_digits():
            answer = client.post(contender.path, content=contender.encode(drawing)).raise_for_status()
            text = contender.find_text(answer.content)
            if contender.reads and text != drawing.text:
                raise WrongAnswerError(f"{contender.name} reads {drawing.text} as {text!r}")
