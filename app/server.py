"""Uvicorn, with patience for slow clients that ends, and a stop that loses nothing."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEADERS_SECONDS = 20.0  # for the head of one request; the body has its own limit
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
                http=_Protocol,
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


class _Protocol(HttpToolsProtocol):
    """Closes a connection whose request does not come; Uvicorn waits for a request's head for ever."""

    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._head_due is None:
            self._head_due = self.loop.call_later(_HEADERS_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
