"""What is said on the wire around a request: offers of other protocols, heads without end, early answers."""

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


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Host and port of a real server with a key and a small limit."""
    with serve({}, api_key=_KEY, max_body_bytes=2**14) as served:
        yield httpx2.URL(served.url).netloc.decode()


def _post(address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Return status and JSON of the answer that Python's own client gets."""
    connection = HTTPConnection(address, timeout=20)
    try:
        connection.request("POST", "/api/predict", body, {"X-API-Key": _KEY, **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def _connect(address: str) -> socket.socket:
    host, _, port = address.partition(":")
    return socket.create_connection((host, int(port)), timeout=20)


@pytest.mark.parametrize("connection", ["Upgrade, HTTP2-Settings", "Upgrade, close"])
@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
def test_offer_of_another_protocol_is_passed_over(address: str, protocol: str, connection: str) -> None:
    """A request that offers to go on in another protocol is answered in this one, its body included."""
    status, reading = _post(
        address, b'{"pixels": [[0]]}', _JSON | {"Connection": connection, "Upgrade": protocol}
    )
    assert (status, reading["digits"]) == (200, [])


@pytest.mark.parametrize(("key", "expected"), [(_KEY, (413, "too_large")), ("wrong", (401, "unauthorized"))])
def test_refusal_reaches_a_client_that_is_still_sending(
    address: str, key: str, expected: tuple[int, str]
) -> None:
    """Python's client, which reads no answer before its body is sent, and asks to close, sees the refusal."""
    headers = {"Connection": "close", "X-API-Key": key}
    status, answer = _post(address, bytes(20 * 2**20), headers)
    assert (status, answer["error"]["code"]) == expected


def test_client_that_is_refused_can_ask_again_at_once(address: str) -> None:
    """After a refusal the connection serves on: nothing more of the body that was refused is waited for."""
    with httpx2.Client(base_url=f"http://{address}", headers={"X-API-Key": _KEY}) as client:
        for _ in range(20):
            assert client.post("/api/predict", content=iter([bytes(2**14), b"x"])).status_code == 413
        assert client.post("/api/predict", json={"pixels": [[0]]}, timeout=2).status_code == 200


@pytest.mark.parametrize("endless", [b"X-More: x\r\n", b"x"])
def test_head_without_end_is_refused(address: str, endless: bytes) -> None:
    """A head is not kept beyond a limit, be it of many lines or of one; who sends it is told."""
    with _connect(address) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-First: " + endless)
        for _ in range(100):
            connection.sendall(endless * 10_000)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 431")
    assert b'"code":"too_large"' in answer


def test_trailer_without_end_is_refused(address: str) -> None:
    """The lines that may follow a body in pieces are not kept beyond the limit either."""
    head = f"POST /api/predict HTTP/1.1\r\nHost: x\r\nX-API-Key: {_KEY}\r\nTransfer-Encoding: chunked\r\n"
    with _connect(address) as connection:
        connection.sendall(f"{head}\r\n0\r\n".encode())
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            connection.sendall(b"X-More: x\r\n" * 1_000_000)
