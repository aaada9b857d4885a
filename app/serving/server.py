"""Uvicorn, with a stop that loses nothing."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app.serving.http_protocol import HttpProtocol

# After the drain: together with one of a second they end within the ten that a supervisor usually waits.
_STREAM_SECONDS = 3.0  # for streams: a page keeps some open for ever
_ANSWER_SECONDS = 7.5  # for what nothing was answered to yet
_SHUTDOWN_SECONDS = 8  # until the app has seen that nobody waits any more


class Server(uvicorn.Server):
    """Serves `app` until it is told to stop."""

    def __init__(
        self, app: FastAPI, *, log_level: str, drain_seconds: float, say_address: Callable[[str], None]
    ) -> None:
        """Prepare to serve.

        Args:
            app: what is served.
            log_level: of Uvicorn's own messages.
            drain_seconds: how long it still answers after SIGTERM, though not ready, so that whoever sends
                requests here can turn to others.
            say_address: called with the address once the server answers there.
        """
        super().__init__(
            uvicorn.Config(
                app,
                http=partial(HttpProtocol, state=app.state),  # type: ignore[arg-type]
                ws="none",  # nothing here speaks WebSocket: the page has event streams
                log_config=None,
                log_level=log_level,
                access_log=False,  # the app logs its requests itself
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )
        self._app = app
        self._drain_seconds = drain_seconds
        self._say_address = say_address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say where the server is once it answers."""
        await super().startup(sockets)
        # What was loaded stays, so looking through it for garbage would only keep requests waiting.
        gc.collect()
        gc.freeze()
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            self._say_address(f"http://{f'[{host}]' if ':' in host else host}:{port}")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take SIGTERM for an order, which is carried out, and not for an accident."""
        if sig == signal.SIGTERM:
            self._app.state.stopping = True
            self.should_exit = True
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, once those who send requests here have seen that the server is not ready."""
        if self._app.state.stopping:
            await asyncio.sleep(self._drain_seconds)
        logging.getLogger("uvicorn.error").addFilter(_is_no_cut)
        cutting = asyncio.create_task(self._cut_off_in_time())
        await super().shutdown(sockets)
        cutting.cancel()

    async def _cut_off_in_time(self) -> None:
        """Close what is open for too long: streams first, and later what waits for an answer."""
        await asyncio.sleep(_STREAM_SECONDS)
        for connection in self._connections():
            if connection.is_answering():
                connection.cut_off()
        await asyncio.sleep(_ANSWER_SECONDS - _STREAM_SECONDS)
        self._app.state.service.current.loaded = None  # so that a batch ends before its last picture
        for connection in self._connections():
            connection.cut_off()

    def _connections(self) -> list[HttpProtocol]:
        return [each for each in self.server_state.connections if isinstance(each, HttpProtocol)]


def _is_no_cut(record: logging.LogRecord) -> bool:
    """Say whether a record is none of a request that was cut off, which Uvicorn says in a line as well."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
