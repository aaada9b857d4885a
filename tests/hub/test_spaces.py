"""Spaces of the stand-in: their variables and secrets, and what becomes of them after a commit."""

import pytest
from huggingface_hub import HfApi, ModelCard
from huggingface_hub.errors import BadRequestError

from tests.hub.server import Hub

REPO = "ann/digits"


def test_space_has_variables_and_secrets(api: HfApi, hub: Hub) -> None:
    """A Space is created with its variables, which can be changed; nobody can read its secrets."""
    variables = [{"key": "MODEL", "value": REPO}]
    api.create_repo(
        "ann/pad",
        repo_type="space",
        space_sdk="docker",
        space_variables=variables,
        space_secrets=[{"key": "KEY", "value": "secret"}],
    )
    assert api.add_space_variable("ann/pad", "REVISION", "v1").keys() == {"MODEL", "REVISION"}
    api.delete_space_variable("ann/pad", "MODEL")
    assert {key: held.value for key, held in api.get_space_variables("ann/pad").items()} == {"REVISION": "v1"}
    assert "secret" not in repr(api.get_space_secrets("ann/pad"))
    assert hub.store.repo("ann/pad", "space").space is not None
    assert api.space_info("ann/pad").sdk == "docker"
    assert api.get_space_runtime("ann/pad").hardware == "cpu-basic"
    with pytest.raises(BadRequestError):
        api.create_repo("ann/slow", repo_type="space", space_sdk="streamlit")


def test_space_is_built_after_each_commit(api: HfApi, hub: Hub) -> None:
    """A new Space has no app; a commit is soon built, started, and runs in the end, or tells why not."""
    api.create_repo(REPO, repo_type="space", space_sdk="docker")
    assert api.get_space_runtime(REPO).stage == "NO_APP_FILE"
    hub.commit(REPO, {"Dockerfile": b"FROM scratch"}, repo_type="space")
    stages = [api.get_space_runtime(REPO).stage for _ in range(3)]
    assert stages == ["NO_APP_FILE", "BUILDING", "APP_STARTING"]
    assert api.wait_for_space(REPO, timeout=10, poll_interval=0.01).stage == "RUNNING"
    space = hub.store.repo(REPO, "space").space
    assert space is not None
    space.ends_as, space.error = "BUILD_ERROR", "no such image"
    hub.commit(REPO, {"Dockerfile": b"FROM nothing"}, repo_type="space")
    assert api.get_space_runtime(REPO).stage == "RUNNING"
    runtime = api.wait_for_space(REPO, timeout=10, poll_interval=0.01)
    assert (runtime.stage, runtime.raw["errorMessage"]) == ("BUILD_ERROR", "no such image")


def test_static_space_needs_no_building(api: HfApi, hub: Hub) -> None:
    """A static Space runs at once."""
    api.create_repo(REPO, repo_type="space", space_sdk="static")
    hub.commit(REPO, {"index.html": b"<p>"}, repo_type="space")
    assert api.get_space_runtime(REPO).stage == "RUNNING"


@pytest.mark.parametrize(
    ("yaml", "wrong"),
    [
        ("sdk: streamlit", "must be one of"),
        ("colorFrom: teal", "must be one of"),
        ("app_port: http", "must be a number"),
        ("python_version: 3.12", "must be a string"),
        (f"short_description: {61 * 'x'}", "at most 60 characters"),
    ],
)
@pytest.mark.usefixtures("api")
def test_card_of_a_space_is_checked(yaml: str, wrong: str) -> None:
    """The Hub takes no README that says of a Space what no Space can be."""
    with pytest.raises(ValueError, match=wrong):
        ModelCard(f"---\n{yaml}\n---\n").validate(repo_type="space")
