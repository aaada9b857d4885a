"""Pool of workers on a Ray cluster."""

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from app.batch import BatchError
from app.batch.arguments import LOCAL
from app.batch.pool import Pool
from app.batch.worker import Job, open_remote_worker

_CONNECT_SECONDS = 5.0
_RETRIES = 3  # of a part on other workers, before a crash is reported


class RayExecutor(Executor):
    """Runs functions as Ray tasks. Ray itself replaces workers, and repeats the tasks of lost machines."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **_: Any) -> "Future[Any]":
        """Return the future result of a function."""
        import ray

        future: Future[Any] = ray.remote(max_retries=_RETRIES)(work).remote(*given).future()
        return future


@contextmanager
def open_ray_pool(job: Job, *, workers: int | None, address: str) -> Iterator[Pool]:
    """Connect to a cluster and return a pool of its processes.

    Args:
        job: of the workers.
        workers: parts to read at once; None stands for the cores of the cluster.
        address: of the cluster; `local` starts one on this machine, which ends with the context.

    Raises:
        BatchError: Ray is not installed, there is no cluster at the address, or it fails.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        from ray import exceptions
    except ImportError as error:
        raise BatchError("--ray needs Ray: pip install '.[cluster]'.") from error
    own: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False} if address == LOCAL else {}
    crashes = (exceptions.WorkerCrashedError, exceptions.NodeDiedError, exceptions.OutOfMemoryError)
    on_stop = signal.getsignal(signal.SIGTERM)  # Ray replaces this handler
    try:
        _check_address(address)
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **own)
        signal.signal(signal.SIGTERM, on_stop)
        ahead = workers or 2 * int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
        open_worker = partial(open_remote_worker, job)
        with closing(Pool(RayExecutor, open_worker, model=job.model, ahead=ahead, crashes=crashes)) as pool:
            yield pool
    except ConnectionError as error:
        raise BatchError(f"There is no Ray cluster at {address}.") from error
    except exceptions.RayTaskError as error:
        raise error.cause from error
    except exceptions.RayError as error:
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
