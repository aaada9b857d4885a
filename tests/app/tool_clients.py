"""The tools' two clients, the real ones, as fixtures."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from anyio.from_thread import start_blocking_portal
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from tests.conftest import Digits
from tests.pictures import as_json, beside, encode

MCP = "/gradio_api/mcp/"
MCP_HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
TOOLS = {"read_picture", "explain_digit"}

Result = TypeVar("Result")
# What both clients are asked to call: a tool's name, then its arguments.
Call = Callable[..., Any]


@pytest.fixture
def number_in_base64(digits: Digits) -> str:
    """7 2 1 0 4 beside each other, in base64."""
    text: str = as_json(encode(beside(*digits.images[:5], gap=4)))["image"]
    return text


@pytest.fixture(scope="session")
def gradio_client(server: str) -> Client:
    return Client(server, verbose=False, download_files=False, analytics_enabled=False)


@pytest.fixture(params=["gradio_client", "mcp"])
def call(request: pytest.FixtureRequest, server: str, gradio_client: Client) -> Call:
    """Calls a tool through one of the two clients; an error that it answers is an AssertionError."""

    def call_with_gradio(tool: str, **arguments: object) -> Any:
        try:
            return gradio_client.predict(**arguments, api_name=f"/{tool}")
        except AppError as error:
            raise AssertionError(f"refused: {error}") from error

    def call_with_mcp(tool: str, **arguments: object) -> Any:
        answer = ask_mcp(server, lambda session: session.call_tool(tool, arguments))
        text = _text(answer)
        assert not answer.isError, f"refused: {text}"
        return json.loads(text)

    return call_with_gradio if request.param == "gradio_client" else call_with_mcp


def ask_mcp(server: str, ask: Callable[[ClientSession], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with (
            streamable_http_client(server + MCP) as (receive, send, _),
            ClientSession(receive, send) as session,
        ):
            await session.initialize()
            return await ask(session)

    with start_blocking_portal() as portal:  # in a thread: the browser tests leave a loop running in this one
        return portal.call(run)


def _text(answer: CallToolResult) -> str:
    [content] = answer.content
    assert isinstance(content, TextContent)
    return content.text
