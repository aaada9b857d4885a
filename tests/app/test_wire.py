"""What is said on the wire around a request: offers of other protocols, heads without end, early answers."""

import json
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from typing import Any

import httpx2
import pytest

from tests.app.served import serve


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Host and port of a real server."""
    with serve({}) as served:
        yield httpx2.URL(served.url).netloc.decode()


def _post(address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Return status and JSON of the answer that Python's own client gets."""
    connection = HTTPConnection(address, timeout=20)
    try:
        connection.request("POST", "/api/predict", body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize("connection", ["Upgrade, HTTP2-Settings", "Upgrade, close"])
@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
def test_offer_of_another_protocol_is_passed_over(address: str, protocol: str, connection: str) -> None:
    """A request that offers to go on in another protocol is answered in this one, its body included."""
    status, reading = _post(address, b'{"pixels": [[0]]}', {"Connection": connection, "Upgrade": protocol})
    assert (status, reading["digits"]) == (200, [])
