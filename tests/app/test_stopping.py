"""A server that is told to stop: nobody is sent there any more, and nobody is let down."""

import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

import app.serving.server
from app.application import create_app
from app.recognition.reading import Reading
from app.recognition.recognizer import Recognizer
from app.settings import Settings
from tests.app.served import serve, serve_in_thread
from tests.conftest import Digits
from tests.pictures import as_json, encode

Stop = Callable[[], httpx2.Response]


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


@pytest.fixture
def stop_while_reading(monkeypatch: pytest.MonkeyPatch, digits: Digits) -> Stop:
    """Stops a server that has begun to read a batch of ten, each in a tenth of a second; its answer."""
    begun = threading.Event()
    read = Recognizer.read

    def read_slowly(*given: Any, **options: Any) -> Reading:
        begun.set()
        time.sleep(0.1)
        return read(*given, **options)

    def ask(port: int) -> httpx2.Response:
        images = [as_json(encode(image))["image"] for image in digits.images[:10]]
        return httpx2.post(f"http://127.0.0.1:{port}/api/predict/batch", json={"images": images}, timeout=20)

    def stop() -> httpx2.Response:
        with ThreadPoolExecutor(1) as pool:
            with serve_in_thread(create_app(Settings(ui=False))) as port:
                asked = pool.submit(ask, port)
                assert begun.wait(20)
            return asked.result()

    monkeypatch.setattr(Recognizer, "read", read_slowly)
    monkeypatch.setattr(app.serving.server, "_STREAM_SECONDS", 0.1)
    return stop


def test_request_is_waited_for_when_streams_are_not(
    stop_while_reading: Stop,
) -> None:
    """What nothing was answered to yet is answered, though a page's streams would have ended before."""
    answer = stop_while_reading()
    assert answer.status_code == 200
    assert len(answer.json()["readings"]) == 10


def test_request_that_takes_too_long_is_told(
    stop_while_reading: Stop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What cannot be waited for gets the documented 503, and the log no traceback."""
    monkeypatch.setattr(app.serving.server, "_ANSWER_SECONDS", 0.3)
    answer = stop_while_reading()
    assert answer.status_code == 503
    assert answer.json() == {"error": {"code": "not_ready", "message": "The server is stopping."}}
    assert answer.headers["Retry-After"] == "1"
    assert "Traceback" not in caplog.text
