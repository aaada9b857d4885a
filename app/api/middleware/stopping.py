"""End unfinished requests when the server stops: a stream regularly, any other request with 503."""

import asyncio

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import STOPPING
from app.api.middleware.refusal import make_refusal

_EVENT_STREAM = b"text/event-stream"


class Stopping:
    """Responds to a request that is cancelled while `app.state.stopping`, and closes connections then.

    Uvicorn cancels unfinished requests when the time for a graceful shutdown is over, and `end_streams`
    cancels event streams, which a page may keep open for hours.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope["app"].state  # Gradio replaces scope["app"] by its own application
        task = asyncio.current_task()
        is_started = is_complete = False

        async def send_noting(message: Message) -> None:
            nonlocal is_started, is_complete
            if message["type"] == "http.response.start":
                is_started = True
                if state.stopping:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
                if any(value.startswith(_EVENT_STREAM) for _, value in message["headers"]):
                    state.streams.add(task)
            elif not message.get("more_body", False):
                is_complete = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except asyncio.CancelledError:
            if not state.stopping:
                raise
            if is_started and not is_complete:
                await send({"type": "http.response.body"})
            elif not is_started:
                refusal = make_refusal(scope, 503, STOPPING, code="not_ready")
                refusal.headers["Connection"] = "close"
                await refusal(scope, receive, send)
        finally:
            state.streams.discard(task)


def end_streams(app: FastAPI) -> None:
    """End all event streams that are open."""
    for task in list(app.state.streams):
        task.cancel()
