"""What was deployed runs as the Hub would run it, and reads with the pinned model."""

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

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


@contextmanager
def run(command: list[str], *, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a command in a folder at a free port, with this Python; give the address at which it serves."""
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
            said = process.stdout.readline()  # it says where it is when it is ready
            assert "http://" in said, "it ended before it was ready"
            yield "http://" + said.split("http://")[1].split()[0]
        finally:
            process.terminate()


def preload(readme: bytes, environment: Mapping[str, str]) -> None:
    """Fetch what the front matter lists into the cache, as the Hub does while it builds."""
    items = front_matter(readme)["preload_from_hub"]
    assert isinstance(items, list)
    for item in items:
        repo, names, revision = item.split()
        command = ["hf", "download", repo, *names.split(","), "--revision", revision]
        command[0] = str(Path(sys.executable).with_name("hf"))
        subprocess.run(command, env=environment, capture_output=True, check=True)


def check_reading(address: str, digits: Digits, *, revision: str) -> None:
    """Assert that digits are read, with the model at that commit."""
    for image, label in zip(digits.images[:5], digits.labels, strict=False):
        read = httpx2.post(f"{address}/api/predict?expect=digit", json={"pixels": image.tolist()}).json()
        assert read["text"] == str(label)
        assert (read["model"]["repo"], read["model"]["revision"]) == (MODEL, revision)


def test_gradio_space_serves_page_and_api(
    deploy: Deploy, hub_environment: dict[str, str], tmp_path: Path, digits: Digits
) -> None:
    """`python app.py` serves on all addresses: the page, and readings by the model that the Hub gives."""
    deploy("gradio")
    folder = write_files(deploy.files(), tmp_path / "space")
    environment = hub_environment | deploy.variables()
    with run(["python", "app.py"], folder=folder, environment=environment) as address:
        assert address.startswith("http://0.0.0.0:")
        check_reading(address, digits, revision=deploy.revision)
        assert "digit-pad" in httpx2.get(address).text


def test_docker_space_starts_without_the_hub(
    deploy: Deploy, hub_environment: dict[str, str], tmp_path: Path, digits: Digits
) -> None:
    """The image's command finds the preloaded model, and is healthy, when the Hub is down."""
    deploy("docker")
    files, environment = deploy.files(), hub_environment | deploy.variables() | {"DIGITS_UI": "0"}
    folder = write_files(files, tmp_path / "space")
    preload(files["README.md"], environment)
    deploy.hub.stop()
    health, command = map(json.loads, re.findall(r"CMD (\[.+\])", files["Dockerfile"].decode()))
    with run(command, folder=folder, environment=environment) as address:
        check_reading(address, digits, revision=deploy.revision)
        script = health[-1].replace("http://127.0.0.1:7860", address)
        subprocess.run([sys.executable, "-c", script], env=environment, check=True)
