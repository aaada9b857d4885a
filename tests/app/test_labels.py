"""A release of other numerals reads single signs, and every answer is in these signs."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.application import create_app
from app.model.release import BUNDLED_RELEASE
from app.settings import Settings
from tests.app.api.errors import check_error
from tests.conftest import Digits

LABELS = "٠١٢٣٤٥٦٧٨٩"


def copy_release(folder: Path) -> Path:
    """Copy the bundled release to `folder` under other labels."""
    copytree(BUNDLED_RELEASE, folder)
    description = json.loads((folder / "release.json").read_text())
    (folder / "release.json").write_text(json.dumps(description | {"labels": list(LABELS)}))
    return folder


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An app whose model is the bundled one under other labels."""
    release = copy_release(tmp_path / "release")
    settings = Settings(ui=False, model_dir=release, corrections_dir=tmp_path / "corrections")
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture
def seven(digits: Digits) -> list[list[int]]:
    """The grey values of a 7, dark on light."""
    grey: list[list[int]] = (255 - digits.images[int(np.flatnonzero(digits.labels == 7)[0])]).tolist()
    return grey


@pytest.mark.parametrize("expect", ["digit", "auto", "number"])
def test_answers_are_in_the_signs_of_the_model(
    client: TestClient, seven: list[list[int]], expect: str
) -> None:
    """Text and sentences have the sign; the digit is its place among the labels of the model."""
    body = {"pixels": seven, "expect": expect}
    reading = client.post("/api/predict", json=body).json()
    assert (reading["text"], reading["written"]) == (LABELS[7], LABELS[7])
    assert [digit["digit"] for digit in reading["digits"]] == [7]
    assert LABELS[7] in client.post("/api/explain", json=body).json()["sentence"]
    assert "".join(client.get("/api/model").json()["labels"]) == LABELS


def test_numbers_are_not_read_with_a_line_reader_of_other_digits(client: TestClient, digits: Digits) -> None:
    """Two digits beside each other are never read as two: the line reader would call them 7 and 2."""
    pair = 255 - np.hstack([np.pad(digits.images[each], 4) for each in (0, 1)])
    reading = client.post("/api/predict", json={"pixels": pair.tolist(), "expect": "number"}).json()
    assert len(reading["digits"]) == 1


def test_corrections_are_in_the_signs_of_the_model(client: TestClient, tmp_path: Path) -> None:
    """A correction in other signs is an error that names those of the model."""
    Image.new("L", (28, 28), 255).save(tmp_path / "picture.png")
    image = b64encode((tmp_path / "picture.png").read_bytes()).decode()
    given = {"image": image, "text": LABELS[3], "consent": True}
    assert client.post("/api/corrections", json=given).status_code == 202
    response = client.post("/api/corrections", json=given | {"text": "3"})
    assert LABELS in check_error(response, 422, "wrong_shape")
