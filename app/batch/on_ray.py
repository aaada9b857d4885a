"""Executor of a Ray cluster."""

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import Any

from app.batch import BatchError
from app.batch.arguments import LOCAL
from app.batch.pool import start_worker
from app.batch.worker import Worker

_CONNECT_SECONDS = 5.0
_RETRIES = 3  # of a part on other workers, before a crash is reported


class RayExecutor(Executor):
    """Runs functions as Ray tasks. Ray itself replaces workers, and repeats the tasks of lost machines."""

    def __init__(self, open_worker: Callable[[], Worker]) -> None:
        """Use the connected cluster; each of its processes calls `open_worker` once."""
        import ray

        self._run = ray.remote(max_retries=_RETRIES)(_run)
        self._open_worker = ray.put(open_worker)  # one copy per machine

    def submit(self, work: Callable[..., Any], /, *given: Any, **_: Any) -> "Future[Any]":
        """Return the future result of a function; of a crashed worker, a BrokenExecutor."""
        result: Future[Any] = Future()
        result.set_running_or_notify_cancel()
        self._run.remote(self._open_worker, work, *given).future().add_done_callback(
            lambda done: _hand_on(done, result)
        )
        return result


@contextmanager
def connect(address: str, *, workers: int | None) -> Iterator[int]:
    """Connect to a cluster and return the number of its cores.

    Args:
        address: of the cluster; `local` starts one on this machine, which ends with the context.
        workers: processes of a cluster that is started here.

    Raises:
        BatchError: Ray is not installed, there is no cluster at the address, or it fails.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        from ray.exceptions import RayError
    except ImportError as error:
        raise BatchError("--ray needs Ray: pip install '.[cluster]'.") from error
    own: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False} if address == LOCAL else {}
    on_stop = signal.getsignal(signal.SIGTERM)  # Ray replaces this handler
    try:
        _check_address(address)
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **own)
        signal.signal(signal.SIGTERM, on_stop)
        yield int(ray.cluster_resources().get("CPU", 1))
    except ConnectionError as error:
        raise BatchError(f"There is no Ray cluster at {address}.") from error
    except RayError as error:
        raise BatchError(f"The Ray cluster failed: {str(error).splitlines()[0]}") from error
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    """Raise a ConnectionError if nothing listens at the address. Ray itself would try for 15 minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdecimal():
        try:
            socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
        except OSError as error:
            raise ConnectionError(address) from error


def _hand_on(done: "Future[Any]", result: "Future[Any]") -> None:
    from ray import exceptions

    error = done.exception()
    match error:
        case None:
            result.set_result(done.result())
        case exceptions.WorkerCrashedError() | exceptions.NodeDiedError() | exceptions.OutOfMemoryError():
            result.set_exception(BrokenExecutor(error))
        case exceptions.RayTaskError():
            result.set_exception(error.cause)
        case _:
            result.set_exception(error)


def _run(open_worker: Callable[[], Worker], work: Callable[..., Any], *given: Any) -> Any:
    start_worker(open_worker)
    return work(*given)
