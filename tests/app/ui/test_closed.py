"""Gradio's routes that keep files or fetch addresses are closed."""

import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

import httpx2
import numpy as np
import pytest

from tests.app.ui.tool_clients import MCP, MCP_HEADERS, TOOLS, Call
from tests.pictures import encode

pytestmark = pytest.mark.slow

_CLOSED_METHODS = ("prompts/get", "prompts/list", "resources/read", "resources/list")


@pytest.fixture
def bystander() -> Iterator[socket.socket]:
    """A listening socket to which nothing should connect."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"{host}:{port}"


def test_address_is_not_fetched(call: Call, bystander: socket.socket) -> None:
    """A picture given as an address is refused, and nothing is fetched."""
    for tool in TOOLS:
        for scheme in ("http", "HTTPS", "ftp", "file"):
            with pytest.raises(AssertionError, match="nothing is fetched"):
                call(tool, image=f"{scheme}://{_address(bystander)}/digit.png")
    with pytest.raises(BlockingIOError):
        bystander.accept()


def test_file_in_place_of_a_picture_is_not_opened(
    server: str, bystander: socket.socket, tmp_path: Path
) -> None:
    """A path or an address, as Gradio's clients send for a file, is neither copied nor fetched."""
    url = f"http://{_address(bystander)}/digit.png"
    path = tmp_path / f"{tmp_path.name}.png"
    path.write_bytes(encode(np.eye(28, dtype=np.uint8)))
    file = {"path": str(path), "url": url, "meta": {"_type": "gradio.FileData"}}
    for image, expect in ((file, "auto"), ([file], "auto"), ({"path": [file]}, "auto"), ("", [file])):
        response = httpx2.post(f"{server}/gradio_api/run/read_picture", json={"data": [image, expect]})
        assert "error" in response.json()
    with pytest.raises(BlockingIOError):
        bystander.accept()
    assert not list(Path(gettempdir(), "gradio").rglob(path.name))


@pytest.mark.parametrize(
    ("method", "expected"),
    [*((method, "Method not found") for method in _CLOSED_METHODS), ("tools/call", "72104")],
)
def test_mcp_does_not_connect_to_the_host_of_the_request(
    server: str, bystander: socket.socket, number_in_base64: str, method: str, expected: str
) -> None:
    """A tool runs in the server itself, not at the address in the Host header; other methods are off."""
    call = {"name": "read_picture", "arguments": {"image": number_in_base64}, "uri": "x://x"}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": call}
    headers = MCP_HEADERS | {"Host": _address(bystander), "X-Forwarded-Host": _address(bystander)}
    assert expected in httpx2.post(server + MCP, json=body, headers=headers, timeout=30).text
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
        ("POST", "process_recording"),
        ("GET", "deep_link?session_hash=x"),
    ],
)
def test_files_and_addresses_are_closed(
    server: str, bystander: socket.socket, method: str, path: str
) -> None:
    """Gradio's routes that keep or read files, or fetch an address, respond with 404."""
    url = f"{server}/gradio_api/{path.format(address=_address(bystander))}"
    assert httpx2.request(method, url).status_code == 404
    with pytest.raises(BlockingIOError):
        bystander.accept()
