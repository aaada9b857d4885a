"""Deploying creates a Space or updates it, in one commit, and leaves alone what is not its own."""

import json

import pytest

from tests.hub.faults import Fault
from tests.space.deploying import MODEL, SPACE, Deploy, front_matter

# The client itself uses httpx in a way that httpx warns of, whenever it sends a file to LFS.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")

FREE_OF_CHARGE = {
    "docker": "need a paid plan",
    "gradio": "but for up to two on ZeroGPU",
    "static": "are free",
}


@pytest.mark.parametrize("sdk", ["docker", "gradio", "static"])
def test_space_is_created_in_one_commit(deploy: Deploy, sdk: str) -> None:
    """The Space has its kind, its files, the pinned model as variables, and runs; the rules come first."""
    said = deploy(sdk, "--private")
    assert said.code == 0, said.err
    assert FREE_OF_CHARGE[sdk] in said.out.splitlines()[0]
    assert said.out.splitlines()[-1] == f"{deploy.hub.url}/spaces/{SPACE}"
    assert ("running after" in said.out) == (sdk != "static")
    repo = deploy.hub.store.repo(SPACE, "space")
    assert repo.private
    assert deploy.commits() == 2
    assert deploy.variables() == {"DIGITS_MODEL_REPO": MODEL, "DIGITS_MODEL_REVISION": deploy.revision}
    files = deploy.files()
    assert front_matter(files["README.md"])["sdk"] == sdk
    main_file = {"docker": "Dockerfile", "gradio": "app.py", "static": "index.html"}[sdk]
    assert {main_file, "deployment.json"} <= files.keys()
    assert ("app/__main__.py" in files) == (sdk != "static")
    assert not [path for path in files if "__pycache__" in path]


def test_same_command_again_changes_nothing(deploy: Deploy) -> None:
    """A Space that is up to date gets no commit and is not built again."""
    deploy("gradio")
    said = deploy("gradio", model=f"{MODEL}@{deploy.revision}")
    assert said.code == 0, said.err
    assert "no commit" in said.out
    assert "builds" not in said.out
    assert deploy.commits() == 2


def test_another_model_updates_what_tells_of_it(deploy: Deploy) -> None:
    """When the model has moved on, card, note and variable do, too, and the owner's own file stays."""
    deploy("docker")
    deploy.hub.commit(SPACE, {"notes.txt": b"by hand", "app/notes.txt": b"mine"}, repo_type="space")
    revision = deploy.publish()
    before = deploy.files()
    said = deploy("docker")
    assert said.code == 0, said.err
    assert deploy.commits() == 4
    after = deploy.files()
    assert after.keys() == before.keys()
    assert {path for path in after if after[path] != before[path]} == {"README.md", "deployment.json"}
    assert deploy.variables()["DIGITS_MODEL_REVISION"] == revision
    assert revision in after["README.md"].decode()


def test_another_kind_takes_the_place_of_the_first(deploy: Deploy) -> None:
    """What only the first kind needs is deleted, but for a file that the owner has changed since."""
    deploy("docker")
    deploy.hub.commit(SPACE, {"constraints.txt": b"numpy==2.0\n", "notes.txt": b"mine"}, repo_type="space")
    said = deploy("gradio")
    assert said.code == 0, said.err
    files = deploy.files()
    assert "Dockerfile" not in files
    assert files["constraints.txt"] == b"numpy==2.0\n"
    assert files["notes.txt"] == b"mine"
    assert front_matter(files["README.md"])["sdk"] == "gradio"
    assert "Dockerfile" in said.out


def test_edited_file_is_replaced_and_said_so(deploy: Deploy) -> None:
    """A file of the deployment that was edited on the Hub is replaced, which the command tells."""
    deploy("gradio")
    deploy.hub.commit(SPACE, {"app.py": b"print('mine')\n"}, repo_type="space")
    said = deploy("gradio")
    assert "replaced, although edited on the Hub: app.py" in said.out
    assert deploy.files()["app.py"] != b"print('mine')\n"


def test_file_of_somebody_else_is_not_overwritten(deploy: Deploy) -> None:
    """A Space with an app.py that the command did not write is left as it is."""
    deploy.hub.commit(SPACE, {"app.py": b"print('mine')\n"}, repo_type="space")
    assert "app.py, which somebody else put there" in deploy("gradio").error()
    assert deploy.commits() == 2
    assert deploy.variables() == {}


@pytest.mark.parametrize("step", ["/preupload/", "/lfs/", "/commit/"])
def test_failure_half_way_leaves_the_old_space(deploy: Deploy, step: str) -> None:
    """Whichever step of the upload fails, the Space holds and serves what it did before; then it works."""
    deploy("gradio")
    files, variables = deploy.files(), deploy.variables()
    deploy.publish()
    deploy.hub.commit(
        SPACE, {"thumbnail.png": b"edited, so that LFS has something to send"}, repo_type="space"
    )
    files["thumbnail.png"] = deploy.files()["thumbnail.png"]
    deploy.hub.store.repo(SPACE, "space").objects.clear()
    deploy.hub.inject(Fault(path=step, status=403))
    assert deploy("gradio").error()
    assert (deploy.files(), deploy.variables()) == (files, variables)
    deploy.hub.clear_faults()
    assert deploy("gradio").code == 0
    assert deploy.variables() != variables


def test_variables_that_failed_are_set_by_the_next_command(deploy: Deploy) -> None:
    """When only the variables could not be set, the same command sets them, without another commit."""
    deploy("docker")
    revision = deploy.publish()
    deploy.hub.inject(Fault(method="POST", path="/variables", status=403))
    assert "no right to write to the variables of the Space" in deploy("docker").error()
    commits = deploy.commits()
    deploy.hub.clear_faults()
    said = deploy("docker")
    assert "running after" in said.out
    assert deploy.variables()["DIGITS_MODEL_REVISION"] == revision
    assert deploy.commits() == commits


def test_space_that_does_not_start_is_told(deploy: Deploy) -> None:
    """When the Hub cannot build it, its words and log are told; the next commit is another."""
    deploy("docker")
    space = deploy.hub.store.repo(SPACE, "space").space
    assert space is not None
    space.ends_as, space.error = "BUILD_ERROR", "no space left"
    deploy.publish()
    error = deploy("docker").error()
    assert "does not run (BUILD_ERROR: no space left)" in error
    assert f"/spaces/{SPACE}?logs=build" in error
    space.ends_as = "RUNNING"
    deploy.publish()
    assert "running after" in deploy("docker").out


def test_free_hardware_is_asked_for(deploy: Deploy) -> None:
    """`--zero-gpu` creates the Space on ZeroGPU, and is for Gradio Spaces alone."""
    assert deploy("gradio", "--zero-gpu").code == 0
    space = deploy.hub.store.repo(SPACE, "space").space
    assert space is not None
    assert space.hardware == "zero-a10g"
    assert "--zero-gpu is for" in deploy("docker", "--zero-gpu").error()


def test_note_names_every_file_that_was_written(deploy: Deploy) -> None:
    """deployment.json lists all files of the deployment and nothing else."""
    deploy("docker")
    files = deploy.files()
    noted = json.loads(files["deployment.json"])["files"]
    assert noted.keys() == files.keys() - {"deployment.json", ".gitattributes"}
