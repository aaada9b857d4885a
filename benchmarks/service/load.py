"""Generate load with wrk."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_SCRIPT = Path(__file__).with_name("drawings.lua")
_TIMEOUT_SECONDS = 30  # of a request: long enough for 64 connections to a slow server


class NoWrkError(Exception):
    """wrk is not installed and cannot be installed."""


@dataclass(frozen=True)
class Load:
    """Results of one load.

    Attributes:
        connections: at the same time; each sends the next request after the response.
        rate: responses a second with status 2xx or 3xx.
        p50: median latency of all responses, milliseconds.
        p95: 95th percentile, milliseconds.
        p99: 99th percentile, milliseconds.
        refused: responses with other statuses.
        failed: failed connections and timeouts.
    """

    connections: int
    rate: float
    p50: float
    p95: float
    p99: float
    refused: int
    failed: int


def find_wrk() -> str:
    """Return the path of wrk; install it with apt-get if necessary.

    Raises:
        NoWrkError: it is not available.
    """
    if not shutil.which("wrk") and (apt := shutil.which("apt-get")) and os.geteuid() == 0:
        subprocess.run([apt, "install", "--yes", "wrk"], capture_output=True, check=False)
    found = shutil.which("wrk")
    if found is None:
        raise NoWrkError("the load generator wrk is missing: apt-get install wrk")
    return found


def drive(url: str, path: str, bodies: Sequence[bytes], *, connections: int, seconds: int) -> Load:
    """Post JSON bodies, each on one line, in turn, as fast as the server responds."""
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
