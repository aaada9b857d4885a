"""Reading of parts in several processes, which continues when a picture crashes its process."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from itertools import islice
from multiprocessing import active_children, get_context, parent_process, resource_tracker
from threading import Thread

import pyarrow as pa

from app.batch import BatchError
from app.batch.plan import Place
from app.batch.rows import Model, make_error_row, make_table
from app.batch.worker import Job, Worker

_workers: list[Worker] = []  # in a worker process, its worker


class Pool:
    """Reads parts with an executor, which is replaced when it is broken."""

    def __init__(
        self,
        make_executor: Callable[[], Executor],
        open_worker: Callable[[], Worker],
        *,
        model: Model,
        ahead: int,
        crashes: tuple[type[Exception], ...] = (BrokenExecutor,),
    ) -> None:
        """Start the executor.

        Args:
            make_executor: called again after a crash.
            open_worker: called once in each process.
            model: of the rows with an error.
            ahead: parts to submit at once, so that no process is idle.
            crashes: exceptions of a future whose process crashed.
        """
        self._make_executor, self._open_worker = make_executor, open_worker
        self._model, self._ahead, self._crashes = model, ahead, crashes
        self._executor = make_executor()

    def read(self, parts: Iterable[tuple[int, list[Place]]]) -> Iterator[tuple[int, pa.Table]]:
        """Read parts, in order of submission; yield the number and rows of each when it is finished.

        After a crash the submitted parts are read again, picture by picture. A picture that crashes its
        process again becomes a row with an error.

        Raises:
            BatchError: the source is no longer available, or processes cannot start.
        """
        parts, waiting = iter(parts), dict[Future[pa.Table], tuple[int, list[Place]]]()
        while True:
            for part in islice(parts, self._ahead - len(waiting)):
                waiting[self._submit(part[1])] = part
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            if any(map(self._has_crashed, done)):
                done, _ = wait(waiting)
            crashed = []
            for future in done:
                number, places = waiting.pop(future)
                if self._has_crashed(future):
                    crashed.append((number, places))
                else:
                    yield number, future.result()
            for number, places in sorted(crashed, key=lambda part: part[0]):
                yield number, self._read_singly(places)

    def close(self) -> None:
        """Kill all processes, whose unfinished work is not needed."""
        for process in active_children():  # an executor that breaks while it starts one would wait for it
            process.kill()
        self._executor.shutdown(cancel_futures=True)

    def _read_singly(self, places: Sequence[Place]) -> pa.Table:
        """Return the rows of a part. One picture is read at a time, which identifies the one that crashes."""
        self._restart()
        tables = []
        for place in places:
            future = self._submit([place])
            if self._has_crashed(future):
                row = make_error_row(str(place), BrokenExecutor())
                tables.append(make_table([row], model=self._model))
                self._restart()
            else:
                tables.append(future.result())
        return pa.concat_tables(tables)

    def _restart(self) -> None:
        """Replace the executor if it is broken.

        Raises:
            BatchError: a process crashes without a picture.
        """
        if self._has_crashed(self._submit([])):
            self.close()
            self._executor = self._make_executor()
            if self._has_crashed(self._submit([])):
                raise BatchError("The worker processes crash at their start, possibly out of memory.")

    def _has_crashed(self, future: "Future[pa.Table]") -> bool:
        return isinstance(future.exception(), self._crashes)

    def _submit(self, places: Sequence[Place]) -> "Future[pa.Table]":
        try:
            with _interrupts_blocked():  # submitting may start a process
                return self._executor.submit(_read, self._open_worker, places)
        except BrokenExecutor as error:  # a process crashed before
            future: Future[pa.Table] = Future()
            future.set_exception(error)
            return future


def open_pool(
    job: Job, *, workers: int | None, open_worker: Callable[[Job], Worker] = Worker
) -> AbstractContextManager[Pool]:
    """Return a pool of processes on this machine, which start with the first parts.

    Args:
        job: of the workers.
        workers: number of processes; None stands for the cores that this process may use.
        open_worker: called in each process.
    """
    workers = workers or (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )
    make_executor = partial(
        ProcessPoolExecutor,
        workers,
        mp_context=get_context("spawn"),  # this process has threads, which must not be forked
        initializer=_end_with_parent,
    )
    return closing(Pool(make_executor, partial(open_worker, job), model=job.model, ahead=2 * (workers or 1)))


def _read(open_worker: Callable[[], Worker], places: Sequence[Place]) -> pa.Table:
    """Return the rows of pictures, read in this process.

    The worker, with a model of a megabyte, is an argument here and not of the start of the process: a process
    that is killed before it has received more than a pipe holds would block this one forever.
    """
    if not _workers:
        _workers.append(open_worker())
    return _workers[0].read(places)


def _end_with_parent() -> None:
    """Let this process exit when its parent ends, even if that is killed."""

    def wait_for_parent() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=wait_for_parent, daemon=True).start()


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, which a terminal sends to all; the main process handles it."""
    resource_tracker.ensure_running()  # its start would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
