"""Drives a server with wrk, the same way whatever the server."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_SCRIPT = Path(__file__).with_name("drawings.lua")
_TIMEOUT_SECONDS = 30  # of one request: 64 that wait for a slow server are no errors


class NoWrkError(Exception):
    """wrk is not there and cannot be installed; the message says what to do."""


@dataclass(frozen=True)
class Load:
    """What a server did under load.

    Attributes:
        connections: at once, each sending the next request when it has the answer.
        rate: answers a second that were no errors.
        p50: milliseconds within which half of all answers came.
        p95: milliseconds, of 95 %.
        p99: milliseconds, of 99 %.
        refused: answers with another status than 2xx or 3xx.
        failed: connections that broke, and requests that were not answered in time.
    """

    connections: int
    rate: float
    p50: float
    p95: float
    p99: float
    refused: int
    failed: int


def find_wrk() -> str:
    """Path of wrk, installed from Debian where there is none.

    Raises:
        NoWrkError: it cannot be had.
    """
    if not shutil.which("wrk") and (apt := shutil.which("apt-get")) and os.geteuid() == 0:
        subprocess.run([apt, "install", "--yes", "wrk"], capture_output=True, check=False)
    found = shutil.which("wrk")
    if found is None:
        raise NoWrkError("wrk drives the servers, and is not there: apt-get install wrk")
    return found


def drive(url: str, path: str, bodies: Sequence[bytes], *, connections: int, seconds: int) -> Load:
    """Post bodies of JSON, each in one line, in turn, as fast as the server answers."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bodies"
        file.write_bytes(b"\n".join(bodies))
        command = [find_wrk(), "--threads", "1", "--connections", str(connections)]
        command += ["--duration", f"{seconds}s", "--timeout", f"{_TIMEOUT_SECONDS}s", "--latency"]
        command += ["--script", str(_SCRIPT), url, "--", path, str(file)]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
    measured = json.loads(ended.stdout.splitlines()[-1])
    return Load(
        connections=connections,
        rate=(measured["requests"] - measured["refused"]) / measured["seconds"],
        p50=measured["p50"],
        p95=measured["p95"],
        p99=measured["p99"],
        refused=measured["refused"],
        failed=measured["failed"],
    )
