"""The forms in which a picture can be sent, and the response."""

import base64
import hashlib
from collections.abc import Callable
from textwrap import wrap
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.model.release import BUNDLED_RELEASE
from tests.conftest import Digits
from tests.pictures import Pixels, as_json, beside, encode

URLENCODED = "application/x-www-form-urlencoded"


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


def _forms(png: bytes) -> dict[str, dict[str, Any]]:
    """Return the arguments of a request for each form in which a picture can be sent."""
    text = base64.b64encode(png).decode()
    assert "+" in text
    lines = wrap(text, 76)
    json = {
        "JSON": text,
        "base64 in lines": "\r\n".join(lines),
        "base64 in lines joined by spaces": " ".join(lines),
        "indented base64": "\n    ".join(lines),
        "base64 with spaces for pluses": text.replace("+", " "),
        "base64 without padding": text.rstrip("="),
        "URL-safe base64": text.replace("+", "-").replace("/", "_"),
        "data: URL": f"\n DATA:image/png;Base64,{text}",
    }
    bodies: dict[str, tuple[str | bytes, str]] = {
        "picture": (png, "image/png"),
        "picture, image/jpg": (png, "image/jpg"),
        "picture, urlencoded": (png, URLENCODED),
        "picture, application/json": (png, "application/json"),
        "picture without a type": (png, ""),
        "data: URL as the body": (f"data:image/png;base64,{text}", "text/plain"),
        "base64 as the body": (text, URLENCODED),
        "urlencoded, pluses not escaped": (f"image={text}", URLENCODED),
        "base64 with a byte order mark": (f"\ufeff{text}", ""),
        "JSON with a byte order mark": (f'\ufeff{{"image": "{text}"}}', ""),
    }
    name = "Content-Disposition: form-data; name=\"f\"; filename*=utf-8''%E2%82%AC.png"
    part = f"--x\r\n{name}\r\nContent-Type: image/png\r\n\r\n".encode() + png + b"\r\n--x--\r\n"
    bodies["form with the name of RFC 5987"] = (part, "multipart/form-data; boundary=x")
    return {
        "form with a file": {"files": {"anything": ("seven.png", png)}},
        "form with base64": {"files": {"image": (None, text)}},
        "urlencoded form": {"data": {"image": text}},
        **{form: {"json": {"image": image}} for form, image in json.items()},
        **{
            form: {"content": body, "headers": {"Content-Type": kind} if kind else {}}
            for form, (body, kind) in bodies.items()
        },
    }


SHAPES: dict[str, Callable[[Pixels], dict[str, Any]]] = {
    "rows": lambda ink: {"pixels": ink.tolist()},
    "rows of one channel": lambda ink: {"pixels": ink[:, :, None].tolist()},
    "flat": lambda ink: {"pixels": ink.ravel().tolist()},
    "floats": lambda ink: {"pixels": ink.astype(float).tolist()},
    "0 to 1": lambda ink: {"pixels": (ink / 255).tolist(), "scale": 1},
}


def test_every_form_gives_the_same_reading(client: TestClient, digits: Digits) -> None:
    """Whatever its Content-Type is, a body gets the reading of the same picture in JSON."""
    forms = _forms(encode(digits.images[0]))
    readings = {
        form: client.post("/api/predict?expect=digit", **request).json()["digits"]
        for form, request in forms.items()
    }
    assert readings["JSON"][0]["digit"] == digits.labels[0]
    assert readings == dict.fromkeys(forms, readings["JSON"])


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_pixels_gives_the_same_reading(client: TestClient, digits: Digits, shape: str) -> None:
    """Rows, rows of one channel and a flat square; whole numbers, floats, and floats from 0 to 1."""
    expected = client.post("/api/predict", json=as_json(encode(digits.images[0]))).json()
    assert (
        client.post("/api/predict", json=SHAPES[shape](digits.images[0])).json()["digits"]
        == expected["digits"]
    )


def test_fields_of_a_form_are_options(client: TestClient, digits: Digits) -> None:
    """They take precedence over the query, as in JSON."""
    files = {"file": encode(beside(*digits.images[:2]))}
    url = "/api/explain?expect=digit"
    explanation = client.post(url, files=files, data={"expect": "number", "index": "1"}).json()
    assert explanation["digit"]["digit"] == digits.labels[1]


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


def test_batch_of_files_reads_like_json(client: TestClient, digits: Digits) -> None:
    """The files of a form are read in their order."""
    files = [("files", (f"{place}.png", encode(image))) for place, image in enumerate(digits.images[:5])]
    readings = client.post("/api/predict/batch?expect=digit", files=files).json()["readings"]
    assert [reading["text"] for reading in readings] == [str(label) for label in digits.labels[:5]]


def test_empty_batch_has_no_readings(client: TestClient) -> None:
    """A batch without pictures has no readings."""
    assert client.post("/api/predict/batch", json={"images": []}).json()["readings"] == []
