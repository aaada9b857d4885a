"""Fit a second network in another process: two at once use two cores better than one after the other.

Run as a module, it is the other process, which receives its function on the standard input.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import IO, Any, cast


@contextmanager
def beside(fit: Callable[[], Any]) -> Iterator[None]:
    """Call `fit` in another process, which has ended when the block ends; an error in the block kills it.

    Only its checkpoints remain: called again in this process, `fit` returns the network, or goes on.
    """
    command = [sys.executable, "-m", __name__]
    # In a session of its own it does not get the Ctrl-C of a terminal.
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603
        stdin = cast("IO[bytes]", process.stdin)
        pickle.dump(fit, stdin)
        stdin.flush()
        try:
            yield
            process.wait()
        finally:
            process.kill()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()  # until the parent ends, even if it is killed
    os._exit(1)


if __name__ == "__main__":
    function = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the parent process
    Thread(target=_end_with_parent, daemon=True).start()
    function()
