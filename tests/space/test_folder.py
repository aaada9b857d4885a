"""A dry run writes a consistent folder, and changes nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.conftest import PROJECT
from tests.space.deploying import MODEL, SPACE, Deploy, front_matter


def dry_run(deploy: Deploy, sdk: str, output: Path) -> Path:
    """Write a folder and return it."""
    deploy.succeed(sdk, "--dry-run", "--output", str(output))
    return output


def read_requirements(file: Path) -> dict[str, SpecifierSet]:
    """Return the versions of each package in a requirements file."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    return {canonicalize_name(item.name): item.specifier for item in map(Requirement, lines)}


def test_dry_run_changes_nothing_on_the_hub(
    deploy: Deploy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run needs no token, and only reads from the Hub."""
    monkeypatch.delenv("HF_TOKEN")
    dry_run(deploy, "docker", tmp_path / "space")
    assert {request.method for request in deploy.hub.requests} <= {"GET", "HEAD"}


def test_damaged_file_in_the_cache_is_downloaded_again(deploy: Deploy, tmp_path: Path) -> None:
    """A reader that is damaged in the local cache is neither deployed nor refused."""
    dry_run(deploy, "docker", tmp_path / "space")
    (cached,) = (tmp_path / "hf").rglob("snapshots/*/reader.tflite")
    cached.write_bytes(b"half of it")
    dry_run(deploy, "docker", tmp_path / "space")
    assert cached.read_bytes() == deploy.hub.files(MODEL)["reader.tflite"]


def test_dry_run_replaces_only_its_own_files(deploy: Deploy, tmp_path: Path) -> None:
    """Files of an earlier dry run are replaced, files of others stay, and other folders are refused."""
    output = dry_run(deploy, "docker", tmp_path / "space")
    (output / "notes.txt").write_text("mine")
    dry_run(deploy, "gradio", output)
    assert (output / "app.py").exists()
    assert not (output / "Dockerfile").exists()
    assert (output / "notes.txt").read_text() == "mine"
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("two years of work")
    assert "is not empty" in deploy("gradio", "--dry-run", "--output", str(other)).error()
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


def test_manifest_cannot_delete_files_elsewhere(deploy: Deploy, tmp_path: Path) -> None:
    """Paths that leave the folder are ignored in a deployment.json that somebody else wrote."""
    output = dry_run(deploy, "docker", tmp_path / "space")
    (tmp_path / "precious.txt").write_text("mine")
    (output / "deployment.json").write_text('{"files": {"../precious.txt": [], "app.py": []}}')
    dry_run(deploy, "docker", output)
    assert (tmp_path / "precious.txt").exists()


@pytest.mark.parametrize("options", [["--dry-run"], ["--output", "somewhere"]])
def test_dry_run_and_output_must_be_given_together(deploy: Deploy, options: list[str]) -> None:
    """One without the other is a usage error."""
    with pytest.raises(SystemExit):
        deploy("docker", *options)


def test_docker_folder_is_consistent(deploy: Deploy, tmp_path: Path) -> None:
    """The requirements have tested versions and no TensorFlow; the Dockerfile fits files and card."""
    folder = dry_run(deploy, "docker", tmp_path / "space")
    dockerfile = (folder / "Dockerfile").read_text()
    [script] = re.findall(r'^RUN python -c "(.+)" ', dockerfile, re.MULTILINE)
    with (folder / "requirements.txt").open("w") as file:
        subprocess.run([sys.executable, "-c", script], cwd=folder, stdout=file, check=True)
    tested = read_requirements(folder / "constraints.txt")
    requirements = read_requirements(folder / "requirements.txt")
    assert requirements.keys() <= tested.keys()
    assert {"gradio", "fastapi", "ai-edge-litert"} <= requirements.keys()
    assert not {"tensorflow", "keras"} & requirements.keys()
    for copied in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE):
        assert all((folder / name).exists() for name in copied.split())
    card = front_matter((folder / "README.md").read_bytes())
    assert f"DIGITS_PORT={card['app_port']}\n" in dockerfile
    assert "USER 1000\n" in dockerfile
    assert dockerfile.startswith((PROJECT / "Dockerfile").read_text())


def test_gradio_requirements_agree_with_the_hub(deploy: Deploy, tmp_path: Path) -> None:
    """Only pydantic is not pinned, since the Hub also installs gradio[mcp], which needs an older one."""
    folder = dry_run(deploy, "gradio", tmp_path / "space")
    requirements = read_requirements(folder / "requirements.txt")
    assert {name for name, versions in requirements.items() if "==" not in str(versions)} == {"pydantic"}
    assert requirements["pydantic"].contains("2.12.5")
    card = front_matter((folder / "README.md").read_bytes())
    assert str(requirements["gradio"]) == f"=={card['sdk_version']}"


@pytest.mark.parametrize("sdk", ["docker", "gradio"])
def test_card_is_complete_and_pins_the_model(deploy: Deploy, tmp_path: Path, sdk: str) -> None:
    """The front matter preloads both files of the model's commit, and the card shows results and address."""
    folder = dry_run(deploy, sdk, tmp_path / "space")
    readme = (folder / "README.md").read_bytes()
    card = front_matter(readme)
    assert card["preload_from_hub"] == [
        f"{MODEL} release.json,reader.tflite,line_reader.tflite {deploy.revision}"
    ]
    assert card["models"] == [MODEL]
    assert card["thumbnail"] == f"{deploy.hub.url}/spaces/{SPACE}/resolve/main/thumbnail.png"
    fields = {"title", "emoji", "colorFrom", "colorTo", "datasets", "tags", "short_description", "license"}
    assert fields <= card.keys()
    assert b"| MNIST test | 10,000 |" in readme
    assert b"https://ann-digits.hf.space/api/predict" in readme
    assert (folder / "app" / "application.py").read_bytes() == (PROJECT / "app/application.py").read_bytes()
