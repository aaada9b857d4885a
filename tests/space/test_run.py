"""Deployed Spaces run as on the Hub, and read with the pinned model."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.conftest import Digits
from tests.space.deploying import MODEL, Deploy, front_matter, write_files

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


@contextmanager
def run(command: list[str], *, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a Python command in a folder, on a free port, and give its address."""
    assert command[0] == "python"
    with subprocess.Popen(
        [sys.executable, *command[1:]],
        cwd=folder,
        env={**environment, "DIGITS_PORT": "0", "DIGITS_DRAIN_SECONDS": "0"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()  # printed when the server is ready
            assert "http://" in line, "the server ended before it was ready"
            yield "http://" + line.split("http://")[1].split()[0]
        finally:
            process.terminate()


def preload(readme: bytes, environment: Mapping[str, str]) -> None:
    """Download the files that the front matter lists into the cache, as the Hub does at build time."""
    items = front_matter(readme)["preload_from_hub"]
    assert isinstance(items, list)
    for item in items:
        repo, names, revision = item.split()
        hf = str(Path(sys.executable).with_name("hf"))
        command = [hf, "download", repo, *names.split(","), "--revision", revision]
        subprocess.run(command, env=environment, capture_output=True, check=True)


def check_reading(address: str, digits: Digits, *, revision: str) -> None:
    """Assert that digits are read with the model's commit."""
    for image, label in zip(digits.images[:5], digits.labels, strict=False):
        reading = httpx2.post(f"{address}/api/predict?expect=digit", json={"pixels": image.tolist()}).json()
        assert reading["text"] == str(label)
        assert (reading["model"]["repo"], reading["model"]["revision"]) == (MODEL, revision)


def test_gradio_space_serves_page_and_api(
    deploy: Deploy, hub_environment: dict[str, str], tmp_path: Path, digits: Digits
) -> None:
    """`python app.py` listens on all interfaces, with the page and the model from the Hub."""
    deploy.succeed("gradio")
    folder = write_files(deploy.files(), tmp_path / "space")
    environment = hub_environment | deploy.variables()
    with run(["python", "app.py"], folder=folder, environment=environment) as address:
        assert address.startswith("http://0.0.0.0:")
        check_reading(address, digits, revision=deploy.revision)
        assert "digit-pad" in httpx2.get(address).text


def test_docker_space_starts_without_the_hub(
    deploy: Deploy, hub_environment: dict[str, str], tmp_path: Path, digits: Digits
) -> None:
    """With the Hub down, the image's command serves the preloaded model, and its health check passes."""
    deploy.succeed("docker")
    files, environment = deploy.files(), hub_environment | deploy.variables() | {"DIGITS_UI": "0"}
    folder = write_files(files, tmp_path / "space")
    preload(files["README.md"], environment)
    deploy.hub.stop()
    health, command = map(json.loads, re.findall(r"CMD (\[.+\])", files["Dockerfile"].decode()))
    with run(command, folder=folder, environment=environment) as address:
        check_reading(address, digits, revision=deploy.revision)
        script = health[-1].replace("http://127.0.0.1:7860", address)
        subprocess.run([sys.executable, "-c", script], env=environment, check=True)
