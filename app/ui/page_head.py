"""Gives Gradio's page the head of this project: Gradio has link previews and a manifest of its own."""

import re
from html import escape
from string import Template

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's link previews, of several lines each, and its manifest.
_UNWANTED = re.compile(
    r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>|\s*<link rel="manifest" href="/manifest.json" />'
)
_NO_SCRIPT = (
    "<noscript><p>This page needs JavaScript: it reads what you draw. Programs can use the "
    '<a href="docs">API</a> without it.</p></noscript>'
)


class PageHead:
    """Middleware that changes the page at `/`, and compresses it; other responses pass unchanged."""

    def __init__(self, app: ASGIApp, *, head: str) -> None:
        """Wrap Gradio; `head` is a template for the page's address, `$url`."""
        self._app = app
        self._head = Template(head)
        self._page = GZipMiddleware(self._send_page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request."""
        is_page = scope["type"] == "http" and scope["path"] == f"{scope.get('root_path', '')}/"
        app = self._page if is_page and scope["method"] == "GET" else self._app
        await app(scope, receive, send)

    async def _send_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        body = bytearray()

        async def change(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            headers = MutableHeaders(scope=start)
            page = bytes(body)
            if headers.get("Content-Type", "").startswith("text/html"):
                page = self._replace_head(body.decode(), url=str(Request(scope).base_url)).encode()
                headers["Content-Length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        plain = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        await self._app({**scope, "headers": plain}, receive, change)

    def _replace_head(self, page: str, *, url: str) -> str:
        head, _, body = _UNWANTED.sub("", page).partition("</head>")
        before, tag, rest = body.partition("<gradio-app")
        return f"{head}{self._head.substitute(url=escape(url))}</head>{before}{_NO_SCRIPT}{tag}{rest}"
