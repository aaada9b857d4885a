"""Requests as people send them: with curl, requests, HTTPX, a browser's form and Triton's client."""

import shutil
import subprocess
from pathlib import Path

import httpx2
import numpy as np
import pytest
import requests
from tritonclient.http import InferenceServerClient, InferInput

from tests.conftest import Digits
from tests.pictures import encode

pytestmark = pytest.mark.slow

CURL = {
    "a form": "--form file=@{picture}",
    "the bytes": "--data-binary @{picture}",
    "the bytes with a type": "--header Content-Type:image/png --data-binary @{picture}",
    "an upload": "--request POST --upload-file {picture}",
    "base64": "--data @{text}",
    "a field of base64": "--data-urlencode image@{text}",
}


@pytest.fixture(scope="module")
def seven(digits: Digits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a 7."""
    path = tmp_path_factory.mktemp("clients") / "seven.png"
    path.write_bytes(encode(digits.images[0]))
    return path


@pytest.mark.parametrize("form", CURL)
def test_curl(server: str, seven: Path, form: str) -> None:
    """Each usual way to send a file is read."""
    text = seven.with_suffix(".txt")
    text.write_text(subprocess.run(["base64", seven], capture_output=True, text=True, check=True).stdout)
    curl = shutil.which("curl")
    assert curl
    options = CURL[form].format(picture=seven, text=text).split()
    command = [curl, "--silent", *options, f"{server}/api/predict?expect=digit"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert '"text":"7"' in shown


def test_curl_with_data_is_told_what_to_use(server: str, seven: Path) -> None:
    """It drops zero bytes and line breaks from a picture."""
    command = ["curl", "--silent", "--data", f"@{seven}", f"{server}/api/predict"]
    assert "--data-binary" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_requests_and_httpx(server: str, seven: Path) -> None:
    """A file in any field, several files, and a field beside them."""
    url = f"{server}/api/predict"
    with seven.open("rb") as opened:
        assert requests.post(url, files={"file": opened}, timeout=10).json()["text"] == "7"
    fields = {"expect": "digit"}
    picture = seven.read_bytes()
    assert httpx2.post(url, files={"image": picture}, data=fields).json()["text"] == "7"
    assert requests.post(url, data=picture, timeout=10).json()["text"] == "7"
    two = [("files", ("a.png", picture)), ("files", ("b.png", picture))]
    readings = requests.post(f"{url}/batch", files=two, data=fields, timeout=10).json()["readings"]
    assert [reading["text"] for reading in readings] == ["7", "7"]


@pytest.mark.parametrize("binary", [True, False])
def test_tritonclient(server: str, digits: Digits, binary: bool) -> None:
    """It finds the model ready, and its images are read in every type and shape."""
    client = InferenceServerClient(server.removeprefix("http://"))
    assert client.is_model_ready("digits")
    (described,) = client.get_model_metadata("digits")["inputs"]
    for kind, dtype, shape in (
        ("UINT8", np.uint8, (10, 28, 28)),
        ("INT32", np.int32, (10, 784)),
        ("INT64", np.int64, (10, 28, 28, 1)),
        ("FP32", np.float32, (10, 28, 28, 1)),
        ("FP64", np.float64, (10, 784)),
    ):
        images = digits.images[:10] / (255 if kind.startswith("FP") else 1)
        given = InferInput(described["name"], shape, kind)
        given.set_data_from_numpy(images.reshape(shape).astype(dtype), binary_data=binary)
        read = client.infer("digits", [given]).as_numpy("digit")
        assert read.tolist() == digits.labels[:10].tolist()
