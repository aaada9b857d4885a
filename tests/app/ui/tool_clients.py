"""Fixtures for the two real clients of the tools."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from anyio.from_thread import start_blocking_portal
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent

from tests.conftest import Digits
from tests.pictures import as_json, beside, encode

MCP = "/gradio_api/mcp/"
MCP_HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
TOOLS = {"read_picture", "explain_digit"}

Result = TypeVar("Result")
Call = Callable[..., Any]  # with a tool's name, then its arguments


@pytest.fixture
def number_in_base64(digits: Digits) -> str:
    """A picture of the number 72104 in base64."""
    text: str = as_json(encode(beside(*digits.images[:5], gap=4)))["image"]
    return text


@pytest.fixture(scope="session")
def gradio_client(server: str) -> Client:
    return Client(server, verbose=False, download_files=False, analytics_enabled=False)


@pytest.fixture(params=["gradio_client", "mcp"])
def call(request: pytest.FixtureRequest, server: str, gradio_client: Client) -> Call:
    """Call a tool through one of the clients; raise AssertionError for an error."""

    def call_with_gradio(tool: str, **arguments: object) -> Any:
        try:
            return gradio_client.predict(**arguments, api_name=f"/{tool}")
        except AppError as error:
            raise AssertionError(f"refused: {error}") from error

    def call_with_mcp(tool: str, **arguments: object) -> Any:
        result = call_mcp(server, lambda session: session.call_tool(tool, arguments))
        [content] = result.content
        assert isinstance(content, TextContent)
        assert not result.isError, f"refused: {content.text}"
        return json.loads(content.text)

    return call_with_gradio if request.param == "gradio_client" else call_with_mcp


def call_mcp(server: str, use: Callable[[ClientSession], Awaitable[Result]]) -> Result:
    """Return the result of `use` with a session of the MCP client."""

    async def run() -> Result:
        async with (
            streamable_http_client(server + MCP) as (receive, send, _),
            ClientSession(receive, send) as session,
        ):
            await session.initialize()
            return await use(session)

    with start_blocking_portal() as portal:  # in a thread: the browser tests leave a loop running in this one
        return portal.call(run)
