"""Where the work of a request is done: at once, or in one of few threads."""

from collections.abc import Callable
from typing import TypeVar

from anyio import to_thread

from app.api.errors import BusyError
from app.api.loaded import Loaded

# Up to these sizes the work takes about as long as handing it to a thread does, so it is done at once; more
# would keep other visitors waiting.
SMALL_BODY = 64 * 2**10  # bytes
SMALL_PICTURE = 640 * 480  # pixels
_MOST_WAITING = 8  # for a thread: the last of them waits about a second

Result = TypeVar("Result")


async def run(work: Callable[[], Result], loaded: Loaded, *, small: bool) -> Result:
    """Do some work; what is not `small` waits for one of the threads that `loaded` allows.

    Raises:
        BusyError: too many wait already.
    """
    if small:
        return work()
    if loaded.large_at_once.statistics().tasks_waiting >= _MOST_WAITING:
        raise BusyError
    return await to_thread.run_sync(work, limiter=loaded.large_at_once)
