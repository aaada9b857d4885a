"""Start and end of a serving process: print the address, drain, end event streams."""

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from multiprocessing.synchronize import Lock
from typing import Any

from fastapi import FastAPI
from uvicorn.importer import import_from_string

from app.api.middleware.stopping import end_streams
from app.logs import configure_logging
from app.model.loading import ModelRequiredError
from app.model.release import ReleaseError
from app.recognition.readers.digit_reader import ReaderError
from app.settings import Settings

_STREAM_POLL_SECONDS = 0.2  # how often streams that began after the drain are ended


def create_served_app(import_string: str, settings: Settings, *, url: str, printing: Lock | None) -> FastAPI:
    """Create the application and extend its lifespan; called in the process that serves.

    Args:
        import_string: of the function that creates it from the settings.
        settings: the settings.
        url: the address to print.
        printing: only the worker that acquires it prints; None if there is one process.
    """
    if supervisor := multiprocessing.parent_process():
        configure_logging(settings.log_level, form=settings.log_format)
        threading.Thread(target=_stop_with, args=[supervisor], daemon=True).start()
    app: FastAPI = import_from_string(import_string)(settings)
    run_app = app.router.lifespan_context

    def may_print() -> bool:
        return printing is None or printing.acquire(block=False)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[Mapping[str, Any] | None]:
        try:
            async with run_app(app) as state:
                # The loaded objects are permanent: searching them for garbage would only cost time.
                gc.collect()
                gc.freeze()
                gc.set_threshold(20_000)  # from 700 in CPython: a request leaves hardly any cycles
                _handle_signals(app, drain_seconds=settings.drain_seconds)
                if may_print():
                    print(  # noqa: T201 - the command's output
                        f"Serving at {url} (API documentation: {url}/docs).", flush=True
                    )
                yield state
        except (ModelRequiredError, ReleaseError, ReaderError) as error:
            logging.getLogger("uvicorn.error").disabled = True  # a traceback would follow
            if may_print():
                print(error, file=sys.stderr)  # noqa: T201
            raise

    app.router.lifespan_context = lifespan  # type: ignore[assignment]
    return app


def _stop_with(supervisor: Any) -> None:
    """Stop this worker when its supervisor has ended, even if it was killed."""
    supervisor.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _handle_signals(app: FastAPI, *, drain_seconds: float) -> None:
    """Delay Uvicorn's handling of SIGTERM by the drain, in which /health/ready is off; then end streams."""
    loop = asyncio.get_running_loop()

    def begin(number: signal.Signals, handle: Any, seconds: float) -> None:
        app.state.stopping = True
        loop.call_later(seconds, stop, number, handle)

    def stop(number: signal.Signals, handle: Any) -> None:
        handle(number, None)
        keep_ending_streams()

    def keep_ending_streams() -> None:
        end_streams(app)
        loop.call_later(_STREAM_POLL_SECONDS, keep_ending_streams)

    for number, seconds in ((signal.SIGTERM, drain_seconds), (signal.SIGINT, 0.0)):
        loop.add_signal_handler(number, begin, number, signal.getsignal(number), seconds)
