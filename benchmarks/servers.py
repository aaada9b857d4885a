"""Server processes: started on a free port, waited for until their first answer, measured, and stopped."""

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
_LAST_WORDS = 2000  # characters of the log of a server that did not start


class StartError(Exception):
    """A server did not answer; the message has its last words."""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        url: where it answers.
        process: its first process.
        seconds: from the start of that process to the first answer.
    """

    url: str
    process: psutil.Popen
    seconds: float

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self.url.rpartition(":")[2])


@dataclass(frozen=True)
class Request:
    """A request whose answer tells that a server is up."""

    path: str
    body: bytes


@contextmanager
def run_server(
    command: Sequence[str], request: Request, *, environment: Mapping[str, str]
) -> Iterator[Server]:
    """Run a server up to the end of the block.

    Args:
        command: starts it; `{port}` in it is replaced by a free port.
        request: asked until it answers 200; a body of JSON.
        environment: all variables of the process.

    Raises:
        StartError: it ended, or did not answer for two minutes.
    """
    port = find_free_port()
    words = [word.format(port=port) for word in command]
    with tempfile.TemporaryFile("w+") as log:
        began = time.monotonic()
        process = psutil.Popen(words, env=dict(environment), stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for_answer(url, request, process=process, log=log)
            yield Server(url, process, time.monotonic() - began)
        finally:
            stop(process)


@contextmanager
def run_app(*, page: bool = False, **settings: object) -> Iterator[Server]:
    """Run `python -m app`, its settings the defaults but for those given by name."""
    given = {f"DIGITS_{name.upper()}": str(value) for name, value in settings.items()}
    environment = clean_environment() | {"DIGITS_UI": "1" if page else "0"} | given
    command = (sys.executable, "-m", "app", "--port", "{port}")
    with run_server(
        command, Request("/api/predict", draw_digits()[7].body), environment=environment
    ) as server:
        yield server


def clean_environment() -> dict[str, str]:
    """The variables of this process without settings of the app."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}


def find_free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def stop(process: psutil.Process) -> None:
    """End a process and those that it started; kill what does not end."""
    try:
        family = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    _, alive = psutil.wait_procs(family, timeout=_STOP_SECONDS)
    for each in alive:
        each.kill()
    psutil.wait_procs(alive)


def resident_megabytes(process: psutil.Process) -> float:
    """Resident memory of a process and those that it started."""
    family = [process, *process.children(recursive=True)]
    return sum(float(each.memory_info().rss) for each in family) / 2**20


def _wait_for_answer(url: str, request: Request, *, process: psutil.Popen, log: IO[str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with httpx2.Client(base_url=url, timeout=_START_SECONDS) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                answer = client.post(
                    request.path, content=request.body, headers={"Content-Type": "application/json"}
                )
            except httpx2.TransportError:
                time.sleep(_POLL_SECONDS)
                continue
            if answer.status_code == 200:
                return
            time.sleep(_POLL_SECONDS)
    log.seek(0)
    raise StartError(f"no answer from {url}; it said: {log.read()[-_LAST_WORDS:]}")
