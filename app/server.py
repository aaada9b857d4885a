"""Uvicorn, with a stop that loses nothing."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app.http_protocol import HttpProtocol

_SHUTDOWN_SECONDS = 3  # for requests that are under way; a page keeps connections open for ever


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
        await super().shutdown(sockets)
