"""Test servers: `python -m app` in its own process, or an app in a thread of this one."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI

from app.serving.server import make_config
from tests.conftest import PROJECT

COMMAND = [sys.executable, "-m", "app", "--port", "0"]


@dataclass
class Served:
    """A running app.

    Attributes:
        url: its address.
        process: its process.
        log: its stderr, once it has ended.
        exit_code: its exit code, once it has ended.
    """

    url: str
    process: subprocess.Popen[str] = field(repr=False)
    log: str = ""
    exit_code: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        self.process.send_signal(number)

    def get(self, path: str) -> Any:
        """Return the JSON at a path, which must respond with 200."""
        response = httpx2.get(self.url + path)
        assert response.status_code == 200, response.text
        return response.json()

    def read_pixels(self, pixels: list[list[int]]) -> Any:
        """Return the reading of a picture of grey values."""
        response = httpx2.post(f"{self.url}/api/predict", json={"pixels": pixels})
        assert response.status_code == 200, response.text
        return response.json()


@contextmanager
def serve(environment: Mapping[str, str], **settings: object) -> Iterator[Served]:
    """Start the app without its page and wait until it is ready; stop it at the end of the block.

    Args:
        environment: all variables of the process.
        settings: more of them, each as DIGITS_<NAME>.
    """
    given = {f"DIGITS_{name.upper()}": str(value) for name, value in settings.items()}
    with subprocess.Popen(
        COMMAND,
        cwd=PROJECT,
        env={"DIGITS_UI": "0", "DIGITS_DRAIN_SECONDS": "0", **environment, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert "http://" in line, f"it ended before it was ready: {process.communicate()[1]}"
            served = Served("http://" + line.split("http://")[1].split()[0], process)
            yield served
        finally:
            process.send_signal(signal.SIGTERM)
            log = process.communicate(timeout=30)[1]
        served.log, served.exit_code = log, process.returncode


def start_and_fail(environment: Mapping[str, str], **settings: object) -> subprocess.CompletedProcess[str]:
    """Start an app that should end with an error, and return its output and exit code."""
    given = {f"DIGITS_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.run(
        COMMAND,
        cwd=PROJECT,
        env={"DIGITS_UI": "0", **environment, **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def serve_in_thread(app: FastAPI) -> Iterator[int]:
    """Serve an app in this process, where its parts can be replaced; yield the port; stop it at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(make_config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            app.state.stopping = True
            server.should_exit = True
            thread.join()
