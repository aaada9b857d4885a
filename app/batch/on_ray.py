"""Reads parts on a Ray cluster, with Ray Data."""

import logging
import os
import signal
import socket
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from typing import Any

from app.batch.arguments import LOCAL
from app.batch.errors import BatchError
from app.batch.part_reader import Job, PartReader
from app.batch.rows import Counts

_CONNECT_SECONDS = 5.0


class _Worker:
    """A worker of Ray Data. The job comes from the object store: one copy a machine, whoever is started."""

    def __init__(self, job: Any) -> None:
        import ray

        self._reader = PartReader(ray.get(job))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Read the part in `batch["part"]`; return its counts, or why it could not be read."""
        [part] = batch["part"]
        try:
            return {"counts": [astuple(self._reader.read(int(part)))], "reason": [""]}
        except BatchError as error:
            return {"counts": [astuple(Counts())], "reason": [str(error)]}


def read_on_ray(job: Job, parts: Sequence[int], *, workers: int | None, address: str) -> Generator[Counts]:
    """Read parts on a cluster; give what came of each as it is finished.

    A part whose worker or machine dies is read again elsewhere. It is written once: a part that is finished
    is never read again, and one that two workers write is put in place whole, with the same rows.

    Args:
        job: what is read; all machines see its output, and its source where that is a folder.
        parts: their numbers.
        workers: how many at once; None for the cores of the cluster.
        address: of the cluster; `local` starts one on this machine for as long as it takes.

    Raises:
        BatchError: Ray is not installed, not there, or fails.
    """
    with _connected(address, workers=workers) as ray:
        import ray.data

        logging.getLogger("ray.data").setLevel(logging.ERROR)  # it has a bar of its own, and says so
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = False
        cores = int(ray.cluster_resources().get("CPU", 1))
        found = ray.data.from_items([{"part": part} for part in parts], override_num_blocks=len(parts))
        found = found.map_batches(
            _Worker,
            fn_constructor_args=(ray.put(job),),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=min(workers or cores, len(parts))),
        )
        for row in found.iter_rows():
            if row["reason"]:
                raise BatchError(row["reason"])
            yield Counts(*map(int, row["counts"]))


def _check_address(address: str) -> None:
    """Fail at once where nobody listens: Ray itself would try for a quarter of an hour."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise BatchError(f"There is no Ray cluster at {address}.") from error


@contextmanager
def _connected(address: str, *, workers: int | None) -> Iterator[Any]:
    """Be connected to a cluster, one of our own where the address is `local`."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise BatchError("--ray needs Ray: pip install '.[cluster]'.") from error
    _check_address(address)
    own: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False} if address == LOCAL else {}
    on_stop = signal.getsignal(signal.SIGTERM)  # which Ray takes for itself
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **own)
        signal.signal(signal.SIGTERM, on_stop)
        yield ray
    except ConnectionError as error:
        raise BatchError(f"There is no Ray cluster at {address}.") from error
    except ray.exceptions.RayError as error:
        raise BatchError(f"The Ray cluster failed: {str(error).splitlines()[0]}") from error
    finally:
        ray.shutdown()
