"""The forms in which a picture can be sent, and the response."""

import base64
import hashlib

import pytest
from starlette.testclient import TestClient

from app.model.release import BUNDLED_RELEASE
from tests.conftest import Digits
from tests.pictures import as_json, encode


def test_response_has_exactly_the_documented_fields(client: TestClient, digits: Digits) -> None:
    """The response has the documented fields and no others."""
    response = client.post("/api/predict", json=as_json(encode(digits.images[0]), expect="digit")).json()
    [digit] = response["digits"]
    assert set(response) == {"text", "written", "digits", "marks", "model", "elapsed_ms"}
    assert set(digit) == {"digit", "confidence", "digit_score", "accepted", "probabilities", "box", "line"}
    assert response["model"] == {
        "source": "bundled",
        "repo": None,
        "revision": None,
        "sha256": hashlib.sha256((BUNDLED_RELEASE / "reader.tflite").read_bytes()).hexdigest(),
    }
    assert response["text"] == str(digit["digit"]) == str(digits.labels[0])
    assert digit["confidence"] == max(digit["probabilities"])
    assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert response["elapsed_ms"] > 0


def test_every_form_gives_the_same_reading(client: TestClient, digits: Digits) -> None:
    """Base64, a data: URL, an array of pixels and the bytes of one picture get the same reading."""
    image = digits.images[0]
    text = base64.b64encode(encode(image)).decode()
    wrapped = "\n".join(text[start : start + 76] for start in range(0, len(text), 76))
    bodies = [
        {"image": text},
        {"image": wrapped},
        {"image": f"data:image/png;base64,{text}"},
        {"image": f"\n DATA:image/png;Base64,{text}"},
        {"pixels": image.tolist()},
    ]
    readings = [client.post("/api/predict", json=body).json()["digits"] for body in bodies]
    raw = client.post("/api/predict", content=encode(image), headers={"Content-Type": "image/png"})
    assert readings[0][0]["digit"] == digits.labels[0]
    assert readings[1:] == readings[:1] * 4
    assert raw.json()["digits"] == readings[0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_raw_picture_of_each_type_is_read(client: TestClient, digits: Digits, kind: str) -> None:
    """A PNG, JPEG or WebP as the body is read, with `expect` in the query."""
    headers = {"Content-Type": f"image/{kind.lower()}"}
    body = encode(digits.images[0], kind, quality=95)
    response = client.post("/api/predict?expect=digit", content=body, headers=headers)
    assert response.json()["text"] == str(digits.labels[0])


def test_box_is_where_the_ink_is(client: TestClient) -> None:
    """The box is x, y, width and height of the ink in pixels of the picture."""
    pixels = [[0] * 40 for _ in range(30)]
    for row in range(5, 25):
        pixels[row][20:23] = [255] * 3
    response = client.post("/api/predict", json={"pixels": pixels, "expect": "digit"}).json()
    assert response["digits"][0]["box"] == [20, 5, 3, 20]


def test_batch_reads_like_single_requests(client: TestClient, digits: Digits) -> None:
    """A batch returns the readings of single requests, in the same order."""
    images = [as_json(encode(image))["image"] for image in digits.images[:5]]
    batch = client.post("/api/predict/batch", json={"images": images, "expect": "digit"}).json()
    for image, reading in zip(images, batch["readings"], strict=True):
        single = client.post("/api/predict", json={"image": image, "expect": "digit"}).json()
        assert reading == {name: single[name] for name in reading}


def test_empty_batch_has_no_readings(client: TestClient) -> None:
    """A batch without pictures has no readings."""
    assert client.post("/api/predict/batch", json={"images": []}).json()["readings"] == []
