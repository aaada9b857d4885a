"""Asks programs for a key, where the operator has set one."""

import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.counters import Counters
from app.api.middleware.programs import is_for_programs
from app.api.middleware.refusal import refuse


class ApiKey:
    """Refuses what programs ask without the key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`."""

    def __init__(self, app: ASGIApp, *, key: str, counters: Counters) -> None:
        self._app = app
        self._key = key.encode()
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if not is_for_programs(scope) or self._holds_key(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        message = "send the API key as Authorization: Bearer KEY, or as X-API-Key: KEY"
        headers = {"WWW-Authenticate": "Bearer"}
        await refuse((scope, receive, send), 401, message, headers=headers, counters=self._counters)

    def _holds_key(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        return secrets.compare_digest(given.strip().encode(), self._key)
