"""The tools for programs, called through the real `gradio_client` and the real MCP client."""

import base64
import io
import logging
from typing import Any

import httpx2
import numpy as np
import pytest
from anyio.from_thread import start_blocking_portal
from gradio_client import Client
from mcp import ClientSession
from PIL import Image

from app.recognition.explanation import Explanation
from app.recognition.reading import Expect, Reading
from app.ui.tools import ToolError, Tools
from tests.app.tool_clients import MCP_HEADERS, TOOLS, Call, ask_mcp
from tests.pictures import as_json, encode


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

    listed, capabilities = ask_mcp(server, describe)
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


def test_number_is_read(call: Call, number_in_base64: str) -> None:
    """The digits are read in order, each with probabilities and its place."""
    answer = call("read_picture", image=number_in_base64)
    assert answer["text"] == "72104"
    assert answer["sentence"] == "Surely 72104."
    assert [digit["digit"] for digit in answer["digits"]] == [7, 2, 1, 0, 4]
    for digit in answer["digits"]:
        assert set(digit) == {"digit", "confidence", "digit_score", "accepted", "probabilities", "box"}
        assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-3)
        assert digit["accepted"] is True


def test_expectation_is_heeded(call: Call, number_in_base64: str) -> None:
    """Told that the picture is one digit, a tool reads one; a data: URL is as good as plain base64."""
    answer = call("read_picture", image=f"data:image/png;base64,{number_in_base64}", expect="digit")
    assert len(answer["digits"]) == 1


def test_empty_picture_is_an_answer(call: Call) -> None:
    """Nothing drawn is nothing read, and no error."""
    image = as_json(encode(Image.new("L", (28, 28))))["image"]
    assert call("read_picture", image=image) == {"text": "", "sentence": "No digit was found.", "digits": []}


def test_digit_is_explained(call: Call, number_in_base64: str) -> None:
    """The digit at the index is explained in sentences; a heat map is given when it is asked for."""
    answer = call("explain_digit", image=number_in_base64, index=2)
    assert answer["digit"]["digit"] == 1
    assert answer["sentence"] == "Surely a 1."
    assert answer["change"].startswith("Without ")
    assert answer["digit"]["probabilities"][answer["runner_up"]] == answer["runner_up_probability"]
    assert answer["heat_map"] == ""
    with_map = call("explain_digit", image=number_in_base64, index=2, heat_map=True)
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
    call: Call, number_in_base64: str, tool: str, arguments: dict[str, Any], message: str
) -> None:
    """Both clients hear in a sentence what is wrong with what they sent."""
    with pytest.raises(AssertionError, match="refused: ") as error:
        call(tool, **{"image": number_in_base64} | arguments)
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
def test_argument_of_another_kind_is_told(
    call: Call, number_in_base64: str, arguments: dict[str, Any]
) -> None:
    """Whatever is sent in place of an argument is refused for it."""
    with pytest.raises(AssertionError, match="refused: ") as error:
        call("explain_digit", **{"image": number_in_base64} | arguments)
    assert "internal" not in str(error.value)


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
    assert str(error.value) == "Internal server error; it has been logged."
    assert "a secret of the code" in caplog.text
