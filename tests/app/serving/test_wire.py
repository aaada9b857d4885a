"""HTTP details: offers of other protocols, endless heads, responses before the end of a body."""

import json
import socket
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from typing import Any

import httpx2
import pytest

from tests.app.served import serve

_KEY = "correct horse battery"
_JSON = {"Content-Type": "application/json"}
_TRAILER = (
    f"POST /api/predict HTTP/1.1\r\nHost: x\r\nX-API-Key: {_KEY}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Host and port of a real server with a key and a small limit."""
    with serve({}, api_key=_KEY, max_body_bytes=2**14) as served:
        yield httpx2.URL(served.url).netloc.decode()


def _post(address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Return the status and the JSON that Python's own client receives."""
    connection = HTTPConnection(address, timeout=20)
    try:
        connection.request("POST", "/api/predict", body, {"X-API-Key": _KEY, **headers})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def _connect(address: str) -> socket.socket:
    host, _, port = address.partition(":")
    return socket.create_connection((host, int(port)), timeout=20)


@pytest.mark.parametrize("connection", ["Upgrade, HTTP2-Settings", "Upgrade, close"])
@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
def test_offer_of_another_protocol_is_ignored(address: str, protocol: str, connection: str) -> None:
    """A request that offers another protocol is served in this one, with its body."""
    status, reading = _post(
        address, b'{"pixels": [[0]]}', _JSON | {"Connection": connection, "Upgrade": protocol}
    )
    assert (status, reading["digits"]) == (200, [])


@pytest.mark.parametrize(("key", "expected"), [(_KEY, (413, "too_large")), ("wrong", (401, "unauthorized"))])
def test_refusal_reaches_a_client_that_is_still_sending(
    address: str, key: str, expected: tuple[int, str]
) -> None:
    """Python's client sends its whole body before it reads a response, and sees the refusal."""
    headers = {"Connection": "close", "X-API-Key": key}
    status, response = _post(address, bytes(20 * 2**20), headers)
    assert (status, response["error"]["code"]) == expected


def test_connection_serves_on_after_a_refusal(address: str) -> None:
    """After a refused body the next request of the connection is served without delay."""
    with httpx2.Client(base_url=f"http://{address}", headers={"X-API-Key": _KEY}) as client:
        for _ in range(20):
            assert client.post("/api/predict", content=iter([bytes(2**14), b"x"])).status_code == 413
        assert client.post("/api/predict", json={"pixels": [[0]]}, timeout=2).status_code == 200


@pytest.mark.parametrize("endless", [b"X-More: x\r\n", b"x"])
@pytest.mark.parametrize("start", ["GET /health/live HTTP/1.1\r\nHost: x\r\nX-First: ", _TRAILER])
def test_head_or_trailer_without_end_is_refused(address: str, start: str, endless: bytes) -> None:
    """A head, or the lines after a chunked body, are limited, whether they are many lines or a long one."""
    with _connect(address) as connection:
        connection.sendall(start.encode() + endless)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            connection.sendall(endless * 20_000_000)
