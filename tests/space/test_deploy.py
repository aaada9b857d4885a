"""Deploying creates or updates a Space in one commit, and leaves files of others alone."""

import json
from pathlib import Path

import pytest

from app.model.release import BUNDLED_RELEASE
from tests.app.hub_release import release_files
from tests.hub.faults import Fault
from tests.space.deploying import MODEL, SPACE, Deploy, front_matter

# Raised by the Hub's client whenever it sends a file to LFS.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


@pytest.mark.parametrize(
    ("sdk", "main_file", "rule"),
    [
        ("docker", "Dockerfile", "paid plan"),
        ("gradio", "app.py", "ZeroGPU"),
        pytest.param("static", "index.html", "free", marks=pytest.mark.slow),  # npm
    ],
)
def test_space_is_created_in_one_commit(deploy: Deploy, sdk: str, main_file: str, rule: str) -> None:
    """The Space has its kind, its files and the pinned model as variables; static Spaces need no build."""
    lines = deploy.succeed(sdk, "--private").splitlines()
    assert rule in lines[0]
    assert lines[-1] == f"{deploy.hub.url}/spaces/{SPACE}"
    assert any("running after" in line for line in lines) == (sdk != "static")
    assert deploy.hub.store.repo(SPACE, "space").private
    assert deploy.commits() == 2
    assert deploy.variables() == {"DIGITS_MODEL_REPO": MODEL, "DIGITS_MODEL_REVISION": deploy.revision}
    files = deploy.files()
    assert front_matter(files["README.md"])["sdk"] == sdk
    assert main_file in files
    assert ("app/__main__.py" in files) == (sdk != "static")
    assert not [path for path in files if "__pycache__" in path]
    listed = json.loads(files["deployment.json"])["files"]
    assert listed.keys() == files.keys() - {"deployment.json", ".gitattributes"}


def test_same_command_again_changes_nothing(deploy: Deploy) -> None:
    """A Space that is up to date gets no commit and no build."""
    deploy.succeed("gradio")
    out = deploy.succeed("gradio", model=f"{MODEL}@{deploy.revision}")
    assert "no commit" in out
    assert "builds" not in out
    assert deploy.commits() == 2


def test_new_release_updates_what_depends_on_it(deploy: Deploy) -> None:
    """Card, deployment.json and variable change with the model's commit; an edited card is replaced."""
    deploy.succeed("docker")
    edits = {"notes.txt": b"by hand", "app/notes.txt": b"mine", "README.md": b"edited"}
    deploy.hub.commit(SPACE, edits, repo_type="space")
    revision = deploy.publish()
    before = deploy.files()
    assert "edited on the Hub: README.md" in deploy.succeed("docker")
    assert deploy.commits() == 4
    after = deploy.files()
    assert after.keys() == before.keys()
    assert {path for path in after if after[path] != before[path]} == {"README.md", "deployment.json"}
    assert deploy.variables()["DIGITS_MODEL_REVISION"] == revision
    assert revision in after["README.md"].decode()


@pytest.mark.parametrize("sdk", ["docker", pytest.param("static", marks=pytest.mark.slow)])
def test_local_release_is_part_of_the_space(deploy: Deploy, sdk: str, tmp_path: Path) -> None:
    """A release folder is copied into the Space, in place of the model on the Hub and its variables."""
    deploy.succeed(sdk)
    for name, content in release_files(name="local").items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    out = deploy.succeed(sdk, model=str(tmp_path))
    assert "variable DIGITS_MODEL_REPO deleted" in out
    assert deploy.variables() == {}
    files = deploy.files()
    place = "app/model/bundled/" if sdk == "docker" else ""
    for name in ("release.json", "reader.tflite", "line_reader.tflite"):
        assert files[place + name] == (tmp_path / name).read_bytes()
    assert not front_matter(files["README.md"]).keys() & {"models", "preload_from_hub"}
    assert b"release local, a copy in this Space" in files["README.md"]


@pytest.mark.parametrize("missing", ["release.json", "reader.tflite"])
def test_folder_without_a_complete_release_is_refused(deploy: Deploy, tmp_path: Path, missing: str) -> None:
    """The error names the file that is missing; nothing is asked of the Hub."""
    for name, content in release_files().items():
        if name != missing:
            (tmp_path / name).write_bytes(content)
    assert missing in deploy("docker", model=str(tmp_path)).error()


def test_bundled_release_is_the_default(deploy: Deploy) -> None:
    """Without --model the Space reads with the release that is bundled with the app."""
    deploy.succeed("docker", model=None)
    assert deploy.variables() == {}
    bundled = (BUNDLED_RELEASE / "release.json").read_bytes()
    assert deploy.files()["app/model/bundled/release.json"] == bundled


def test_another_kind_replaces_the_first(deploy: Deploy) -> None:
    """Files that only the first kind needs are deleted, except those that the owner has edited."""
    deploy.succeed("docker")
    edited = {"constraints.txt": b"numpy==2.0\n", "notes.txt": b"mine"}
    deploy.hub.commit(SPACE, edited, repo_type="space")
    assert "Dockerfile" in deploy.succeed("gradio")
    files = deploy.files()
    assert "Dockerfile" not in files
    assert {path: files[path] for path in edited} == edited
    assert front_matter(files["README.md"])["sdk"] == "gradio"


@pytest.mark.parametrize("step", ["/preupload/", "/lfs/", "/commit/"])
def test_failed_upload_leaves_the_old_space(deploy: Deploy, step: str) -> None:
    """Whichever step fails, files and variables stay as they were; the next command succeeds."""
    deploy.succeed("gradio")
    variables = deploy.variables()
    deploy.publish()
    deploy.hub.commit(SPACE, {"thumbnail.png": b"edited, to be replaced by LFS"}, repo_type="space")
    files = deploy.files()
    deploy.hub.store.repo(SPACE, "space").objects.clear()
    deploy.hub.inject(Fault(path=step, status=403))
    assert deploy("gradio").error()
    assert (deploy.files(), deploy.variables()) == (files, variables)
    deploy.hub.clear_faults()
    deploy.succeed("gradio")
    assert deploy.variables() != variables


def test_variables_that_failed_are_set_by_the_next_command(deploy: Deploy) -> None:
    """If only the variables could not be set, the next command sets them without a commit."""
    deploy.succeed("docker")
    revision = deploy.publish()
    deploy.hub.inject(Fault(method="POST", path="/variables", status=403))
    assert "no write access" in deploy("docker").error()
    commits = deploy.commits()
    deploy.hub.clear_faults()
    assert "running after" in deploy.succeed("docker")
    assert deploy.variables()["DIGITS_MODEL_REVISION"] == revision
    assert deploy.commits() == commits


def test_build_error_is_reported(deploy: Deploy) -> None:
    """The error has the Hub's message and a link to the log; the next commit is built again."""
    deploy.succeed("docker")
    deploy.space().ends_as, deploy.space().error = "BUILD_ERROR", "no space left"
    deploy.publish()
    error = deploy("docker").error()
    assert "BUILD_ERROR no space left" in error
    assert f"/spaces/{SPACE}?logs=build" in error
    deploy.space().ends_as = "RUNNING"
    deploy.publish()
    assert "running after" in deploy.succeed("docker")


def test_zero_gpu_is_requested(deploy: Deploy) -> None:
    """`--zero-gpu` creates the Space on ZeroGPU, and is refused for other kinds than Gradio."""
    deploy.succeed("gradio", "--zero-gpu")
    assert deploy.space().hardware == "zero-a10g"
    assert "--zero-gpu needs" in deploy("docker", "--zero-gpu").error()
