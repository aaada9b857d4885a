"""Reads parts in several processes of this machine."""

import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait

from app.batch.errors import BatchError
from app.batch.part_reader import Job, PartReader
from app.batch.rows import Counts

_MOST_DEATHS = 3  # of workers, without a part that was finished in between


def read_in_processes(job: Job, parts: Sequence[int], *, workers: int) -> Generator[Counts]:
    """Read parts, each in one of `workers` processes; give what came of each as it is finished.

    When a worker dies, as one that is out of memory may, another reads its part.

    Raises:
        BatchError: the source is not there any more, or workers die again and again.
    """
    waiting = deque(parts)
    crew = [_Worker(job, waiting.popleft()) for _ in range(min(workers, len(parts)))]
    deaths = 0
    try:
        while crew:
            for worker in _find_answered(crew):
                crew.remove(worker)
                counts = worker.receive()
                deaths = deaths + 1 if counts is None else 0
                if deaths == _MOST_DEATHS:
                    raise BatchError("The workers die again and again, perhaps for want of memory.")
                if counts is None:
                    worker.end()
                    crew.append(_Worker(job, worker.part))
                    continue
                if waiting:
                    worker.send(waiting.popleft())
                    crew.append(worker)
                else:
                    worker.end()
                yield counts
    finally:
        for worker in crew:
            worker.end()


class _Worker:
    """A process that reads one part after the other.

    Attributes:
        part: the one that it has.
    """

    def __init__(self, job: Job, part: int) -> None:
        context = get_context("spawn")  # this process has threads, which must not be copied
        self._connection, its_end = context.Pipe()
        self._process = context.Process(target=_work, args=(job, its_end), daemon=True)
        with _without_interrupts():
            self._process.start()
        its_end.close()
        self.send(part)

    def send(self, part: int) -> None:
        """Have it read a part."""
        self.part = part
        with suppress(OSError):  # it is dead, as `receive` will find
            self._connection.send(part)

    def receive(self) -> Counts | None:
        """Return what came of its part; None when it has died.

        Raises:
            BatchError: it could not go on.
        """
        try:
            answer = self._connection.recv()
        except (EOFError, OSError):
            return None
        if isinstance(answer, BatchError):
            raise answer
        return answer if isinstance(answer, Counts) else None

    def end(self) -> None:
        """End it, whatever it does: a part that is not finished leaves nothing that counts."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def fileno(self) -> int:
        """Return the file number that can be read once it has an answer."""
        return self._connection.fileno()


def _find_answered(crew: list[_Worker]) -> list[_Worker]:
    """Wait until workers have answered, or died."""
    ready = wait([worker.fileno() for worker in crew])
    return [worker for worker in crew if worker.fileno() in ready]


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Have a process that is started here leave Ctrl-C, which all of a terminal's get, to this one."""
    resource_tracker.ensure_running()  # it would let interrupts through again when it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(job: Job, connection: Connection) -> None:
    """Read the parts that come over a connection until it ends, as it does when the parent is killed."""
    reader = PartReader(job)
    with suppress(EOFError, OSError):
        while True:
            part = connection.recv()
            try:
                answer: Counts | BatchError = reader.read(part)
            except BatchError as error:
                answer = error
            connection.send(answer)
