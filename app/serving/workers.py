"""Several processes that serve the API at one address, and one that looks after them."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from tempfile import TemporaryDirectory

from prometheus_client.multiprocess import mark_process_dead

_LISTENER = "--listener"  # of `python -m app`, with the number of an open socket
_POLL_SECONDS = 0.1
_PAUSE_SECONDS = 1.0  # before another one takes a worker's place: its fault may be that of all
_STOP_SECONDS = 90.0  # more than the longest drain

_log = logging.getLogger(__name__)

_Worker = subprocess.Popen[bytes]


def supervise(listener: socket.socket, *, count: int) -> int:
    """Keep `count` workers at the listener until this process is told to stop; return the exit code.

    A worker that was killed is replaced. One that ends by itself has said why, and ends all.
    """
    told: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda which, _: told.append(which))
    code = 0
    with TemporaryDirectory(prefix="digits-counters-") as counters:
        workers = [_start(listener, counters=counters, says_address=place == 0) for place in range(count)]
        while not told and not code:
            time.sleep(_POLL_SECONDS)
            for place, worker in enumerate(workers):
                if worker.poll() is None:
                    continue
                mark_process_dead(worker.pid, counters)  # type: ignore[no-untyped-call]
                if worker.returncode > 0:
                    code = worker.returncode
                    break
                _log.error("A worker ended with %s; another one takes its place.", worker.returncode)
                time.sleep(_PAUSE_SECONDS)
                workers[place] = _start(listener, counters=counters, says_address=False)
        _stop(workers)
    return code


def watch_supervisor() -> None:
    """Stop this worker when its supervisor is no more: then its standard input ends."""

    def wait() -> None:
        os.read(sys.stdin.fileno(), 1)  # reading `sys.stdin` takes a lock that Python wants when it ends
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _start(listener: socket.socket, *, counters: str, says_address: bool) -> _Worker:
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "app", _LISTENER, str(listener.fileno())],
        env=os.environ | {"DIGITS_WORKERS": "1", "PROMETHEUS_MULTIPROC_DIR": counters},
        pass_fds=[listener.fileno()],
        stdin=subprocess.PIPE,
        stdout=None if says_address else subprocess.DEVNULL,
    )


def _stop(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        try:
            worker.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
