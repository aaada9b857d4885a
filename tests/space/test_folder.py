"""A dry run writes a folder that holds together, and leaves everything else alone."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.conftest import PROJECT
from tests.space.deploying import MODEL, SPACE, Deploy, front_matter


def dry_run(deploy: Deploy, sdk: str, output: Path) -> Path:
    """Write a folder and return it."""
    said = deploy(sdk, "--dry-run", "--output", str(output))
    assert said.code == 0, said.err
    return output


def read_requirements(file: Path) -> dict[str, SpecifierSet]:
    """Return the packages that a file asks for, each with its versions."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    return {canonicalize_name(one.name): one.specifier for one in map(Requirement, lines)}


def test_dry_run_leaves_the_hub_alone(
    deploy: Deploy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run needs no token, and only reads on the Hub."""
    monkeypatch.delenv("HF_TOKEN")
    dry_run(deploy, "docker", tmp_path / "space")
    assert {asked.method for asked in deploy.hub.requests} <= {"GET", "HEAD"}


def test_damaged_cache_is_mended(deploy: Deploy, tmp_path: Path) -> None:
    """A reader that was damaged on this machine is fetched again, not deployed and not refused."""
    dry_run(deploy, "docker", tmp_path / "space")
    (cached,) = (tmp_path / "hf").rglob("snapshots/*/reader.tflite")
    cached.write_bytes(b"half of it")
    dry_run(deploy, "docker", tmp_path / "space")
    assert cached.read_bytes() == deploy.hub.files(MODEL)["reader.tflite"]


def test_dry_run_replaces_its_own_folder_only(deploy: Deploy, tmp_path: Path) -> None:
    """The folder of an earlier dry run is replaced, all but what others put there; another is refused."""
    output = dry_run(deploy, "docker", tmp_path / "space")
    (output / "notes.txt").write_text("mine")
    dry_run(deploy, "gradio", output)
    assert (output / "app.py").exists()
    assert not (output / "Dockerfile").exists()
    assert (output / "notes.txt").read_text() == "mine"
    # A note that somebody else wrote cannot have files elsewhere deleted.
    (tmp_path / "precious.txt").write_text("mine")
    (output / "deployment.json").write_text('{"files": {"../precious.txt": [], "app.py": []}}')
    dry_run(deploy, "docker", output)
    assert (tmp_path / "precious.txt").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("two years of work")
    assert "holds something else" in deploy("gradio", "--dry-run", "--output", str(other)).error()
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("options", [["--dry-run"], ["--output", "somewhere"]])
def test_dry_run_and_output_belong_together(deploy: Deploy, options: list[str]) -> None:
    """One without the other is a mistake of whoever typed it."""
    with pytest.raises(SystemExit):
        deploy("docker", *options)


def test_docker_installs_what_was_tested(deploy: Deploy, tmp_path: Path) -> None:
    """Each requirement of the image is at the version of constraints.txt, and none brings TensorFlow."""
    folder = dry_run(deploy, "docker", tmp_path / "space")
    tested = read_requirements(folder / "constraints.txt")
    needed = read_requirements(folder / "requirements.txt")
    assert needed == {name: tested[name] for name in needed}
    assert {"gradio", "fastapi", "ai-edge-litert"} <= needed.keys()
    assert not {"tensorflow", "keras"} & needed.keys()


def test_gradio_agrees_with_what_the_hub_installs_beside(deploy: Deploy, tmp_path: Path) -> None:
    """All is pinned as tested but pydantic, since the Hub adds gradio[mcp], which wants an older one."""
    folder = dry_run(deploy, "gradio", tmp_path / "space")
    needed = read_requirements(folder / "requirements.txt")
    assert {name for name, versions in needed.items() if "==" not in str(versions)} == {"pydantic"}
    assert needed["pydantic"].contains("2.12.5")
    card = front_matter((folder / "README.md").read_bytes())
    assert str(needed["gradio"]) == f"=={card['sdk_version']}"


def test_dockerfile_fits_the_folder(deploy: Deploy, tmp_path: Path) -> None:
    """What it copies is there, and it listens where the card says, as the Hub's user."""
    folder = dry_run(deploy, "docker", tmp_path / "space")
    dockerfile = (folder / "Dockerfile").read_text()
    for copied in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE):
        assert all((folder / name).exists() for name in copied.split())
    card = front_matter((folder / "README.md").read_bytes())
    assert f"DIGITS_PORT={card['app_port']}\n" in dockerfile
    assert "USER 1000\n" in dockerfile


@pytest.mark.parametrize("sdk", ["docker", "gradio"])
def test_card_pins_the_model_and_names_everything(deploy: Deploy, tmp_path: Path, sdk: str) -> None:
    """The front matter is complete, and preloads the two files of just this commit."""
    folder = dry_run(deploy, sdk, tmp_path / "space")
    readme = (folder / "README.md").read_bytes()
    card = front_matter(readme)
    assert card["preload_from_hub"] == [f"{MODEL} release.json,reader.tflite {deploy.revision}"]
    assert card["models"] == [MODEL]
    assert card["thumbnail"] == f"{deploy.hub.url}/spaces/{SPACE}/resolve/main/thumbnail.png"
    wanted = {"title", "emoji", "colorFrom", "colorTo", "datasets", "tags", "short_description", "license"}
    assert wanted <= card.keys()
    assert b"| MNIST test | 10,000 |" in readme
    assert b"https://ann-digits.hf.space/api/predict" in readme
    assert (folder / "app" / "application.py").read_bytes() == (PROJECT / "app/application.py").read_bytes()
