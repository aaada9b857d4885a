"""The tools for programs, called through the real `gradio_client` and the real MCP client."""

import base64
import io
import logging
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from anyio.from_thread import start_blocking_portal
from gradio_client import Client, handle_file
from mcp import ClientSession
from PIL import Image

from app.service import ReadingService
from app.ui.tools import ToolError, Tools
from tests.app.ui.tool_clients import MCP_HEADERS, TOOLS, Call, call_mcp
from tests.conftest import Digits
from tests.pictures import as_json, encode

pytestmark = pytest.mark.slow


def test_gradio_lists_the_tools_alone(server: str, gradio_client: Client) -> None:
    """Gradio's API describes the tools, and has no other endpoints, such as listeners of the page."""
    info: Any = gradio_client.view_api(return_format="dict", print_info=False)
    assert set(info["named_endpoints"]) == {"/predict", *(f"/{tool}" for tool in TOOLS)}
    assert not info["unnamed_endpoints"]
    tool = info["named_endpoints"]["/read_picture"]
    assert "handwritten digits" in tool["description"]
    assert [parameter["parameter_name"] for parameter in tool["parameters"]] == ["image", "expect"]
    assert tool["parameters"][1]["type"]["enum"] == ["auto", "digit", "number"]
    assert set(tool["returns"][0]["type"]["properties"]) == {"text", "written", "sentence", "digits", "marks"}
    listeners = httpx2.get(f"{server}/config").json()["dependencies"]
    assert {listener["api_name"] for listener in listeners} == {"predict", *TOOLS}


def test_examples_of_the_api_run(gradio_client: Client) -> None:
    """What "Use via API" shows reads the picture of a 1."""
    info: Any = gradio_client.view_api(return_format="dict", print_info=False)
    for name, endpoint in info["named_endpoints"].items():
        image = endpoint["parameters"][0]["example_input"]
        assert "1" in str(gradio_client.predict(image=image, api_name=name))


def test_predict_answers_like_a_classifier(gradio_client: Client, digits: Digits, tmp_path: Path) -> None:
    """A file, the dictionary of a sketchpad and base64 get the label and the confidences of ten digits."""
    path = tmp_path / "seven.png"
    path.write_bytes(encode(digits.images[0]))
    sketch = {"background": None, "layers": [], "composite": handle_file(path)}
    for image in (handle_file(path), sketch, as_json(path.read_bytes())["image"]):
        answer = gradio_client.predict(image, api_name="/predict")
        assert answer["label"] == answer["confidences"][0]["label"] == "7"
        assert {each["label"] for each in answer["confidences"]} == set("0123456789")
    path.write_bytes(encode(np.zeros((28, 28), np.uint8)))
    empty = gradio_client.predict(handle_file(path), api_name="/predict")
    assert empty == {"label": None, "confidences": []}


def test_upload_is_answered_with_the_picture_itself(server: str, digits: Digits) -> None:
    """Nothing is stored: the answer to an upload is the file, and only a form with a file is taken."""
    png = encode(digits.images[0])
    [url] = httpx2.post(f"{server}/gradio_api/upload", files={"files": png}).json()
    assert base64.b64decode(url.partition(",")[2]) == png
    assert httpx2.get(f"{server}/gradio_api/upload").status_code in (404, 405)
    assert httpx2.post(f"{server}/gradio_api/upload", files={"name": (None, "seven")}).status_code == 400


def test_mcp_lists_the_tools_alone(server: str) -> None:
    """MCP describes the tools and their arguments, and offers no prompts or resources."""

    async def describe(session: ClientSession) -> tuple[Any, Any]:
        return await session.list_tools(), session.get_server_capabilities()

    listed, capabilities = call_mcp(server, describe)
    assert {tool.name for tool in listed.tools} == TOOLS
    for tool in listed.tools:
        assert "Returns: " in tool.description
        assert tool.inputSchema["required"] == ["image"]
        assert all(argument["description"] for argument in tool.inputSchema["properties"].values())
    assert capabilities.tools
    assert not capabilities.prompts
    assert not capabilities.resources


def test_number_is_read(call: Call, number_in_base64: str) -> None:
    """The digits are in reading order, each with the fields of the API."""
    result = call("read_picture", image=number_in_base64)
    assert result["text"] == "72104"
    assert "72104" in result["sentence"]
    assert [digit["digit"] for digit in result["digits"]] == [7, 2, 1, 0, 4]
    for digit in result["digits"]:
        assert {"digit", "confidence", "accepted", "probabilities", "box", "line"} < set(digit)
        assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-3)
        assert digit["accepted"] is True


def test_expect_is_respected(call: Call, number_in_base64: str) -> None:
    """With "digit", a picture is read as one digit; a data: URL is accepted like plain base64."""
    result = call("read_picture", image=f"data:image/png;base64,{number_in_base64}", expect="digit")
    assert len(result["digits"]) == 1


def test_blank_picture_is_no_error(call: Call) -> None:
    """A picture without ink has an empty text and a sentence."""
    result = call("read_picture", image=as_json(encode(Image.new("L", (28, 28))))["image"])
    assert (result["text"], result["digits"]) == ("", [])
    assert result["sentence"]


def test_digit_is_explained(call: Call, number_in_base64: str) -> None:
    """The digit at the index is explained; the heat map is included on request."""
    result = call("explain_digit", image=number_in_base64, index=2)
    assert result["digit"]["digit"] == 1
    assert "1" in result["sentence"]
    assert result["change"]
    assert result["digit"]["probabilities"][result["runner_up"]] == result["runner_up_probability"]
    assert result["heat_map"] == ""
    with_map = call("explain_digit", image=number_in_base64, index=2, heat_map=True)
    start, _, png = with_map["heat_map"].partition(",")
    assert start == "data:image/png;base64"
    assert np.asarray(Image.open(io.BytesIO(base64.b64decode(png)))).shape == (280, 280, 3)
    assert with_map | {"heat_map": ""} == result


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image": "AAAA"}, "not a PNG, JPEG, WebP"),
        ({"image": "?"}, "base64"),
        ({"image": ""}, "empty"),
        ({"image": 5}, ""),  # of another type: MCP and the tool have different messages
        ({"image": None}, ""),
        ({"image": {"path": "/etc/hostname"}}, ""),
        ({"index": 5}, "5 digits, at index 0 to 4"),
        ({"index": -1}, "no digit -1"),
        ({"index": "first"}, ""),
        ({"index": 1.5}, ""),
        ({"index": True}, ""),
        ({"expect": "word"}, "auto"),
        ({"expect": ["auto"]}, "auto"),
    ],
)
def test_invalid_argument_is_named(
    call: Call, number_in_base64: str, arguments: dict[str, Any], message: str
) -> None:
    """Both clients receive an error that describes the invalid argument, not an internal error."""
    with pytest.raises(AssertionError, match="refused: ") as error:
        call("explain_digit", **{"image": number_in_base64} | arguments)
    assert message in str(error.value)
    assert "internal" not in str(error.value).lower()


def test_limits_of_the_api_hold(server: str, call: Call) -> None:
    """A picture of too many pixels and a body of too many bytes are refused."""
    large = as_json(encode(Image.new("1", (5001, 5000))))["image"]
    with pytest.raises(AssertionError, match="25,005,000 pixels"):
        call("read_picture", image=large)
    body = {"data": ["A" * 17 * 2**20]}
    for path in ("run/read_picture", "call/read_picture", "queue/join", "mcp/"):
        response = httpx2.post(f"{server}/gradio_api/{path}", json=body, headers=MCP_HEADERS, timeout=30)
        assert response.status_code == 413


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_unexpected_error_is_logged_and_not_described(
    tool: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message of an unexpected exception is logged, and the caller receives a general one."""

    def fail(_: ReadingService) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(ReadingService, "model", property(fail))
    call = getattr(Tools(ReadingService(max_pixels=1000)), tool)
    with start_blocking_portal() as portal, caplog.at_level(logging.ERROR), pytest.raises(ToolError) as error:
        portal.call(call, "AAAA")
    assert "internal server error" in str(error.value).lower()
    assert "secret" not in str(error.value)
    assert "a secret" in caplog.text
