"""Start servers on a free port, wait for their first response, measure their memory, and stop them."""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import httpx2
import psutil

from benchmarks.drawings import draw_digits

_START_SECONDS = 120.0
_POLL_SECONDS = 0.01
_STOP_SECONDS = 15.0
_LOG_CHARACTERS = 2000  # of the log of a server that did not start


class StartError(Exception):
    """A server did not start; the message has the end of its log."""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        port: on 127.0.0.1.
        process: its first process.
        seconds: from the start of that process to the first response.
    """

    port: int
    process: psutil.Popen
    seconds: float

    @property
    def url(self) -> str:
        """Its URL, without a path."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def run_server(
    command: Sequence[str], path: str, *, body: bytes, environment: Mapping[str, str]
) -> Iterator[Server]:
    """Run a server until the end of the block.

    Args:
        command: its command; `{port}` is replaced by a free port.
        path: of a POST request, which is repeated until its status is 200.
        body: JSON of that request.
        environment: all variables of the process.

    Raises:
        StartError: the server ended, or did not respond within two minutes.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with tempfile.TemporaryFile("w+") as log:
        start = time.monotonic()
        process = psutil.Popen(
            [word.format(port=port) for word in command], env=dict(environment), stdout=log, stderr=log
        )
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}{path}", body, process=process, log=log)
            yield Server(port, process, time.monotonic() - start)
        finally:
            _stop(process)


@contextmanager
def run_app(*, page: bool = False, **settings: object) -> Iterator[Server]:
    """Run `python -m app` with default settings, except for those given by name."""
    given = {f"DIGITS_{name.upper()}": str(value) for name, value in settings.items()}
    environment = clean_environment() | {"DIGITS_UI": "1" if page else "0"} | given
    command = (sys.executable, "-m", "app", "--port", "{port}")
    with run_server(command, "/api/predict", body=draw_digits()[7].body, environment=environment) as server:
        yield server


def clean_environment() -> dict[str, str]:
    """Return the variables of this process without the app's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}


def resident_megabytes(process: psutil.Process) -> float:
    """Return the resident memory of a process and its descendants."""
    family = [process, *process.children(recursive=True)]
    return sum(float(each.memory_info().rss) for each in family) / 2**20


def _stop(process: psutil.Process) -> None:
    """Terminate a process and its descendants; kill those that do not end in time."""
    try:
        family = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    _, alive = psutil.wait_procs(family, timeout=_STOP_SECONDS)
    for each in alive:
        each.kill()
    psutil.wait_procs(alive)


def _wait_until_ready(url: str, body: bytes, *, process: psutil.Popen, log: IO[str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    headers = {"Content-Type": "application/json"}
    with httpx2.Client(headers=headers, timeout=_START_SECONDS) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if client.post(url, content=body).status_code == 200:
                    return
            except httpx2.TransportError:
                pass  # it does not listen yet
            time.sleep(_POLL_SECONDS)
    log.seek(0)
    raise StartError(f"no response from {url}; end of its log: {log.read()[-_LOG_CHARACTERS:]}")
