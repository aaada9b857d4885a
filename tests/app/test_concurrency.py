"""Many visitors at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from time import monotonic

import httpx2
import numpy as np
from starlette.testclient import TestClient

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.image.picture import picture_of_pixels
from app.recognition.readers.digit_reader import Reader
from app.recognition.recognizer import Recognizer
from tests.conftest import Digits
from tests.pictures import as_json, encode


def test_threads_get_the_same_answers_as_one(digits: Digits) -> None:
    """Eight threads that share a recogniser get exactly the answers that one gets."""
    release = open_release(BUNDLED_RELEASE)
    reader = Reader(release.reader, drawing_size=release.drawing_size)
    recognizer = Recognizer(reader, acceptance_threshold=release.acceptance_threshold)
    pictures = [picture_of_pixels(image) for image in digits.images[:400]]
    alone = [recognizer.read(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(recognizer.read, pictures)) == alone


def test_connections_get_the_same_answers_as_one(client: TestClient, server: str, digits: Digits) -> None:
    """Eight connections to the real server get the answers that one alone gets."""
    bodies = [as_json(encode(image)) for image in digits.images[:80]]
    with httpx2.Client(base_url=server) as wire, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: wire.post("/api/predict", json=body).json(), bodies))
    for body, answer in zip(bodies, answers, strict=True):
        assert answer["digits"] == client.post("/api/predict", json=body).json()["digits"]


def test_large_picture_does_not_keep_others_waiting(server: str, digits: Digits) -> None:
    """While a picture of 4000x4000 is read, small ones are answered."""
    noisy = np.random.default_rng(0).integers(0, 2, (4000, 4000), dtype=np.uint8) * 255
    large = as_json(encode(noisy, compress_level=1))
    small = as_json(encode(digits.images[0]))
    ended = []

    def send_large() -> None:
        assert httpx2.post(f"{server}/api/predict", json=large, timeout=60).status_code == 200
        ended.append(monotonic())

    answered = []
    with httpx2.Client(base_url=server) as wire:
        wire.post("/api/predict", json=small)
        thread = Thread(target=send_large)
        thread.start()
        while thread.is_alive():
            assert wire.post("/api/predict", json=small).status_code == 200
            answered.append(monotonic())
        thread.join()
    assert len([moment for moment in answered if moment < ended[0]]) >= 5
