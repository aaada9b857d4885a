"""Reading of parts in several processes, which continues when a picture crashes its process."""

import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import active_children, get_context, parent_process, resource_tracker
from threading import Thread

import pyarrow as pa

from app.batch import BatchError
from app.batch.plan import Part, Place
from app.batch.rows import Model, WorkerCrashError, make_error_row, make_table
from app.batch.worker import Worker

_workers: list[Worker] = []  # in a worker process, its worker


class Pool:
    """Reads parts with an executor, which is replaced when it is broken. Leaving the context ends it."""

    def __init__(self, make_executor: Callable[[], Executor], *, model: Model, ahead: int) -> None:
        """Start the executor.

        Args:
            make_executor: whose processes have called `start_worker`.
            model: of the rows with an error.
            ahead: parts to submit at once, so that no process is idle.
        """
        self._make_executor, self._model, self._ahead = make_executor, model, ahead
        self._executor = make_executor()

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def read(self, parts: Iterable[Part]) -> Generator[tuple[Part, pa.Table]]:
        """Read parts, in order of submission; yield each with its rows when it is finished.

        After a crash the submitted parts are read again, picture by picture. A picture that crashes its
        process again becomes a row with an error.

        Raises:
            BatchError: the source is no longer available, or processes cannot start.
        """
        parts, waiting = iter(parts), dict[Future[pa.Table], Part]()
        while True:
            for part in islice(parts, self._ahead - len(waiting)):
                waiting[self._submit(part.places)] = part
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            if any(map(_has_crashed, done)):
                done, _ = wait(waiting)
            crashed = [waiting[future] for future in done if _has_crashed(future)]
            for future in done:
                part = waiting.pop(future)
                if part not in crashed:
                    yield part, future.result()
            for part in sorted(crashed, key=lambda part: part.number):
                yield part, self._read_singly(part)

    def _read_singly(self, part: Part) -> pa.Table:
        """Return the rows of a part. One picture is read at a time, which identifies the one that crashes."""
        self._restart()
        tables = []
        for place in part.places:
            try:
                tables.append(self._submit([place]).result())
            except BrokenExecutor as error:
                row = make_error_row(str(place), WorkerCrashError(error))
                tables.append(make_table([row], model=self._model))
                self._restart()
        return pa.concat_tables(tables)

    def _restart(self) -> None:
        """Replace the executor if it is broken.

        Raises:
            BatchError: a process crashes without a picture.
        """
        if _has_crashed(self._submit([])):
            self._end()
            self._executor = self._make_executor()
            if _has_crashed(self._submit([])):
                raise BatchError("The worker processes crash at their start, possibly out of memory.")

    def _end(self) -> None:
        """Kill all processes, whose unfinished work is not needed.

        Without the kill, an executor that breaks while it starts a process would wait for it forever.
        """
        for process in active_children():
            process.kill()
        self._executor.shutdown(cancel_futures=True)

    def _submit(self, places: Sequence[Place]) -> "Future[pa.Table]":
        try:
            with _interrupts_blocked():  # submitting may start a process
                return self._executor.submit(read_places, places)
        except BrokenExecutor as error:  # a process crashed before
            future: Future[pa.Table] = Future()
            future.set_exception(error)
            return future


def make_processes(open_worker: Callable[[], Worker], *, workers: int) -> Executor:
    """Return an executor of processes on this machine, which start with the first parts."""
    return ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),  # this process has threads, which must not be forked
        initializer=_start_process,
        initargs=(open_worker,),
    )


def start_worker(open_worker: Callable[[], Worker]) -> None:
    """Prepare this process for `read_places`, once."""
    if not _workers:
        _workers.append(open_worker())


def read_places(places: Sequence[Place]) -> pa.Table:
    """Return the rows of pictures, read in this process."""
    return _workers[0].read(places)


def _start_process(open_worker: Callable[[], Worker]) -> None:
    Thread(target=_exit_with_parent, daemon=True).start()
    start_worker(open_worker)


def _exit_with_parent() -> None:
    """Exit when the parent ends, even if it is killed."""
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _has_crashed(future: "Future[pa.Table]") -> bool:
    return isinstance(future.exception(), BrokenExecutor)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, which a terminal sends to all; the main process handles it."""
    resource_tracker.ensure_running()  # its start would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
