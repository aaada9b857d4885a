"""A server that is told to stop: nobody is sent there any more, and nobody is let down."""

import signal
import socket
import time

import httpx2

from tests.app.served import serve
from tests.conftest import Digits
from tests.pictures import encode


def test_stopping_server_is_not_ready_but_still_answers() -> None:
    """After SIGTERM readiness is off, while what still comes is answered; then it ends with 0."""
    with serve({}, drain_seconds=2) as served, httpx2.Client(base_url=served.url) as client:
        assert client.get("/health/ready").status_code == 200
        served.send_signal(signal.SIGTERM)
        start = time.monotonic()
        while (ready := client.get("/health/ready")).status_code == 200:
            assert time.monotonic() - start < 1.5, "it was ready to the end"
        assert ready.json() == {"error": {"code": "not_ready", "message": "The server is stopping."}}
        assert client.get("/health/live").status_code == 200
        assert served.read_pixels([[0]])["text"] == ""
    assert served.exit_code == 0


def test_request_that_was_under_way_is_answered(digits: Digits) -> None:
    """A body that was half sent when the server was told to stop is read when its rest comes."""
    picture = encode(digits.images[0])
    head = f"POST /api/predict?expect=digit HTTP/1.1\r\nHost: x\r\nContent-Length: {len(picture)}\r\n"
    with serve({}, drain_seconds=0) as served:
        url = httpx2.URL(served.url)
        with socket.create_connection((url.host, url.port), timeout=20) as connection:
            connection.sendall(f"{head}Content-Type: image/png\r\n\r\n".encode() + picture[:20])
            time.sleep(0.2)  # until the server has it
            served.send_signal(signal.SIGTERM)
            time.sleep(0.5)  # until it has stopped to listen
            connection.sendall(picture[20:])
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert f'"text":"{digits.labels[0]}"'.encode() in answer
    assert served.exit_code == 0
