"""Gives Gradio's page the head of this project: Gradio has link previews and a manifest of its own."""

import re
from html import escape
from pathlib import Path
from string import Template

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = Template((Path(__file__).parent / "assets" / "head.html").read_text(encoding="utf-8"))
# Gradio's link previews, of several lines each, and its manifest.
_UNWANTED = re.compile(
    r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>|\s*<link rel="manifest" href="/manifest.json" />'
)
_NO_SCRIPT = (
    "<noscript><p>This page needs JavaScript: it reads what you draw. Programs can use the "
    '<a href="docs">API</a> without it.</p></noscript>'
)


class PageHead:
    """Middleware that changes the page at `/`, and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, and change the body of a page."""
        is_page = scope["type"] == "http" and scope["path"] == f"{scope.get('root_path', '')}/"
        if not is_page or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def change(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            page = replace_head(body.decode(), url=str(Request(scope).base_url)).encode()
            MutableHeaders(scope=start)["Content-Length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, change)


def replace_head(page: str, *, url: str) -> str:
    """Return Gradio's page with this project's head; `url` is that of the page, for link previews."""
    head, _, body = _UNWANTED.sub("", page).partition("</head>")
    before, tag, rest = body.partition("<gradio-app")
    return f"{head}{_HEAD.substitute(url=escape(url))}</head>{before}{_NO_SCRIPT}{tag}{rest}"
