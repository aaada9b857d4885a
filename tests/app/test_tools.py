"""The tools for programs, called through the real `gradio_client` and the real MCP client."""

import base64
import io
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import httpx2
import numpy as np
import pytest
from anyio.from_thread import start_blocking_portal
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent
from PIL import Image

from app.recognition.explanation import Explanation
from app.recognition.reading import Expect, Reading
from app.ui.tools import ToolError, Tools
from tests.conftest import Digits
from tests.pictures import as_json, beside, encode

MCP = "/gradio_api/mcp/"
MCP_HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
TOOLS = {"read_picture", "explain_digit"}

Result = TypeVar("Result")
# What both clients are asked to call: a tool's name, then its arguments.
Call = Callable[..., Any]


@pytest.fixture
def number(digits: Digits) -> str:
    """7 2 1 0 4 beside each other, in base64."""
    text: str = as_json(encode(beside(*digits.images[:5], gap=4)))["image"]
    return text


@pytest.fixture(scope="module")
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
        answer = _ask_mcp(server, lambda session: session.call_tool(tool, arguments))
        text = _text(answer)
        assert not answer.isError, f"refused: {text}"
        return json.loads(text)

    return call_with_gradio if request.param == "gradio_client" else call_with_mcp


@pytest.fixture
def bystander() -> Iterator[socket.socket]:
    """A listening socket that nobody should connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def _ask_mcp(server: str, ask: Callable[[ClientSession], Awaitable[Result]]) -> Result:
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


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"{host}:{port}"


def test_gradio_offers_the_tools_and_nothing_else(gradio_client: Client) -> None:
    """The page's own listeners are no endpoints; the tools have types and a description."""
    info: Any = gradio_client.view_api(return_format="dict", print_info=False)
    assert set(info["named_endpoints"]) == {f"/{tool}" for tool in TOOLS}
    assert not info["unnamed_endpoints"]
    reading = info["named_endpoints"]["/read_picture"]
    assert "handwritten digits" in reading["description"]
    assert [parameter["parameter_name"] for parameter in reading["parameters"]] == ["image", "expect"]
    assert reading["parameters"][1]["type"]["enum"] == ["auto", "digit", "number"]
    assert set(reading["returns"][0]["type"]["properties"]) == {"text", "sentence", "digits"}


def test_mcp_offers_the_tools_and_nothing_else(server: str) -> None:
    """A language model is told of two tools, and what each argument means; there is nothing but tools."""

    async def describe(session: ClientSession) -> tuple[Any, Any]:
        return await session.list_tools(), session.get_server_capabilities()

    listed, capabilities = _ask_mcp(server, describe)
    assert {tool.name for tool in listed.tools} == TOOLS
    for tool in listed.tools:
        assert "Returns: " in tool.description
        assert tool.inputSchema["required"] == ["image"]
        assert all(argument["description"] for argument in tool.inputSchema["properties"].values())
    assert capabilities.tools
    assert not capabilities.prompts
    assert not capabilities.resources


def test_client_does_not_call_private_listeners(server: str, gradio_client: Client) -> None:
    """What fills the page when it is loaded is private: the client refuses it by name and by number."""
    listeners = httpx2.get(f"{server}/config").json()["dependencies"]
    private = [listener for listener in listeners if listener["api_name"] not in TOOLS]
    assert private
    for listener in private:
        assert listener["api_visibility"] == "private"
        with pytest.raises(ValueError, match="Cannot find a function"):
            gradio_client.predict(api_name=f"/{listener['api_name']}")
        with pytest.raises(ValueError, match=r"(?i)invalid|cannot|private"):
            gradio_client.predict(fn_index=listener["id"])


def test_number_is_read(call: Call, number: str) -> None:
    """The digits are read in order, each with probabilities and its place."""
    answer = call("read_picture", image=number)
    assert answer["text"] == "72104"
    assert answer["sentence"] == "Surely 72104."
    assert [digit["digit"] for digit in answer["digits"]] == [7, 2, 1, 0, 4]
    for digit in answer["digits"]:
        assert set(digit) == {"digit", "confidence", "digit_score", "accepted", "probabilities", "box"}
        assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-3)
        assert digit["accepted"] is True


def test_expectation_is_heeded(call: Call, number: str) -> None:
    """Told that the picture is one digit, a tool reads one; a data: URL is as good as plain base64."""
    answer = call("read_picture", image=f"data:image/png;base64,{number}", expect="digit")
    assert len(answer["digits"]) == 1


def test_empty_picture_is_an_answer(call: Call) -> None:
    """Nothing drawn is nothing read, and no error."""
    image = as_json(encode(Image.new("L", (28, 28))))["image"]
    assert call("read_picture", image=image) == {"text": "", "sentence": "No digit was found.", "digits": []}


def test_digit_is_explained(call: Call, number: str) -> None:
    """The digit at the index is explained in sentences; a heat map is given when it is asked for."""
    answer = call("explain_digit", image=number, index=2)
    assert answer["digit"]["digit"] == 1
    assert answer["sentence"] == "Surely a 1."
    assert answer["change"].startswith("Without ")
    assert answer["digit"]["probabilities"][answer["runner_up"]] == answer["runner_up_probability"]
    assert answer["heat_map"] == ""
    with_map = call("explain_digit", image=number, index=2, heat_map=True)
    start, _, png = with_map.pop("heat_map").partition(",")
    assert start == "data:image/png;base64"
    assert np.asarray(Image.open(io.BytesIO(base64.b64decode(png)))).shape == (280, 280, 3)
    del answer["heat_map"]
    assert with_map == answer


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("read_picture", {"image": "AAAA"}, "The bytes are not a PNG, JPEG or WebP picture."),
        ("read_picture", {"image": "?"}, "The image is not valid base64."),
        ("read_picture", {"image": ""}, "The picture is empty: it has no bytes."),
        ("explain_digit", {"index": 5}, "the picture has 5 digits, at index 0 to 4."),
        ("explain_digit", {"index": -1}, "there is no digit -1"),
    ],
)
def test_bad_input_is_told(
    call: Call, number: str, tool: str, arguments: dict[str, Any], message: str
) -> None:
    """Both clients hear in a sentence what is wrong with what they sent."""
    with pytest.raises(AssertionError, match="refused: ") as error:
        call(tool, **{"image": number} | arguments)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"image": 5},
        {"image": None},
        {"image": ["a"]},
        {"image": {"path": "/etc/hostname"}},
        {"expect": "word"},
        {"expect": ["auto"]},
        {"index": "first"},
        {"index": 1.5},
        {"index": True},
    ],
)
def test_argument_of_another_kind_is_told(call: Call, number: str, arguments: dict[str, Any]) -> None:
    """Whatever is sent in place of an argument is refused for it."""
    with pytest.raises(AssertionError, match="refused: ") as error:
        call("explain_digit", **{"image": number} | arguments)
    assert "mistake" not in str(error.value)


def test_address_is_not_fetched(call: Call, bystander: socket.socket) -> None:
    """A picture given as an address is refused, and nobody connects there."""
    for tool in TOOLS:
        for scheme in ("http", "HTTPS", "ftp", "file"):
            with pytest.raises(AssertionError, match="nothing is fetched"):
                call(tool, image=f"{scheme}://{_address(bystander)}/digit.png")
    with pytest.raises(BlockingIOError):
        bystander.accept()


def test_file_in_place_of_a_picture_is_not_opened(server: str, bystander: socket.socket) -> None:
    """What Gradio's clients send for a file, a path and an address, is refused like any other non-text."""
    url = f"http://{_address(bystander)}/digit.png"
    file = {"path": "/etc/hostname", "url": url, "meta": {"_type": "gradio.FileData"}}
    answer = httpx2.post(f"{server}/gradio_api/run/read_picture", json={"data": [file, "auto"]})
    assert answer.json()["error"] == "Image: give the picture as text in base64."
    with pytest.raises(BlockingIOError):
        bystander.accept()


@pytest.mark.parametrize("method", ["prompts/get", "prompts/list", "resources/read", "resources/list"])
def test_mcp_does_not_connect_to_the_host_that_it_is_called_by(
    server: str, bystander: socket.socket, method: str
) -> None:
    """Gradio's answers to these come from whatever the Host header names; here there are none."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"name": "x", "uri": "x://x"}}
    headers = MCP_HEADERS | {"Host": _address(bystander), "X-Forwarded-Host": _address(bystander)}
    answer = httpx2.post(server + MCP, json=body, headers=headers, timeout=30)
    assert "Method not found" in answer.text
    with pytest.raises(BlockingIOError):
        bystander.accept()


def test_tool_does_not_connect_to_the_host_that_it_is_called_by(
    server: str, bystander: socket.socket, number: str
) -> None:
    """A tool works in the server itself, whatever the Host header says."""
    call = {"name": "read_picture", "arguments": {"image": number}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = MCP_HEADERS | {"Host": _address(bystander), "X-Forwarded-Host": _address(bystander)}
    assert "72104" in httpx2.post(server + MCP, json=body, headers=headers, timeout=30).text
    with pytest.raises(BlockingIOError):
        bystander.accept()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "file=/etc/hostname"),
        ("HEAD", "file=/etc/hostname"),
        ("GET", "file=http://{address}/"),
        ("GET", "file/http://{address}/"),
        ("GET", "proxy=http://{address}/"),
        ("POST", "upload"),
        ("POST", "process_recording"),
        ("GET", "deep_link?session_hash=x"),
    ],
)
def test_files_and_addresses_are_closed(
    server: str, bystander: socket.socket, method: str, path: str
) -> None:
    """Gradio's routes that keep or read files, or fetch an address, are not there."""
    url = f"{server}/gradio_api/{path.format(address=_address(bystander))}"
    assert httpx2.request(method, url).status_code == 404
    with pytest.raises(BlockingIOError):
        bystander.accept()


def test_too_large_a_picture_is_refused(server: str, call: Call) -> None:
    """The limits of the API hold: pixels, and bytes of a body."""
    large = as_json(encode(Image.new("1", (5001, 5000))))["image"]
    with pytest.raises(AssertionError, match="25,005,000 pixels; at most 25,000,000 are read"):
        call("read_picture", image=large)
    body = {"data": ["A" * 17 * 2**20]}
    for path in ("run/read_picture", "call/read_picture", "queue/join", "mcp/"):
        answer = httpx2.post(f"{server}/gradio_api/{path}", json=body, headers=MCP_HEADERS, timeout=30)
        assert answer.status_code == 413


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_fault_of_the_server_is_told_without_internals(tool: str, caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in the server's own code says nothing of the code to the caller; the log says it."""

    async def read(_: bytes, __: Expect) -> Reading:
        raise RuntimeError("a secret of the code")

    async def explain(_: bytes, __: Expect, ___: int) -> Explanation:
        raise RuntimeError("a secret of the code")

    call = getattr(Tools(read, explain), tool)
    with start_blocking_portal() as portal, caplog.at_level(logging.ERROR), pytest.raises(ToolError) as error:
        portal.call(call, "AAAA")
    assert str(error.value) == "The server made a mistake; it has been logged."
    assert "a secret of the code" in caplog.text
