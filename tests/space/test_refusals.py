"""Expected errors end the command with a one-line message, and leave the Space as it is."""

import json
import re
from collections.abc import Callable

import pytest

from tests.app.hub_release import release_files
from tests.hub.faults import Fault
from tests.space.deploying import MODEL, SPACE, Deploy

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


def assert_refused(
    deploy: Deploy, message: str, *options: str, repo: str = SPACE, model: str = MODEL
) -> None:
    """Assert that the command fails with a matching message, and that no request changed anything."""
    error = deploy("gradio", *options, repo=repo, model=model).error()
    assert re.search(message, error), error
    changes = [
        request
        for request in deploy.hub.requests
        if request.method != "GET" and request.status < 400 and re.search("/(create|commit)", request.path)
    ]
    assert not changes


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (lambda _: None, "no token: log in with `hf auth login`"),
        (lambda _: "hf_wrong", "rejects the token"),
        (lambda deploy: deploy.hub.token(role="read"), "no write access to the Space ann/digits"),
        (lambda deploy: deploy.hub.token("bob"), "no write access to the Space ann/digits"),
    ],
    ids=["none", "unknown", "read-only", "of another user"],
)
def test_token_without_access(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, token: Callable[[Deploy], str | None], message: str
) -> None:
    """The message distinguishes a missing, an unknown and an insufficient token."""
    monkeypatch.delenv("HF_TOKEN")
    if value := token(deploy):
        monkeypatch.setenv("HF_TOKEN", value)
    assert_refused(deploy, message)


@pytest.mark.parametrize("repo", ["digits", "ann/a/b", "ann/di gits", "ann/di--gits"])
def test_invalid_name_of_a_space(deploy: Deploy, repo: str) -> None:
    """A name that is not like user/name, or that the Hub does not allow, is refused."""
    assert_refused(deploy, "(invalid name|rejects)", repo=repo)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("reader", "invalid name of a model"),
        ("ann/reader@", "invalid name of a model"),
        ("ann/reader@v 1", "invalid name of a model"),
        ("ann/other", "the model ann/other at main does not exist or is private"),
        (f"{MODEL}@v9", "at v9 does not exist"),
        (f"{MODEL}@{'0' * 40}", "at 0{40} does not exist"),
        ("ann/private", "does not exist or is private"),
        ("ann/empty", "is not a release: it has no reader.tflite"),
        ("ann/damaged", "does not match the sha256"),
        ("ann/unscored", "invalid release.json of ann/unscored"),
    ],
)
def test_model_that_cannot_be_deployed(deploy: Deploy, model: str, message: str) -> None:
    """A model must be public, and an intact release."""
    files = release_files()
    description = json.loads(files["release.json"])
    del description["metrics"]
    hub = deploy.hub
    hub.commit("ann/private", files)
    hub.store.repo("ann/private").private = True
    hub.commit("ann/empty", {"release.json": b"{}"})
    hub.commit("ann/damaged", files | {"reader.tflite": b"something else"})
    hub.commit("ann/unscored", files | {"release.json": json.dumps(description).encode()})
    assert_refused(deploy, message, model=model)


@pytest.mark.parametrize(
    ("status", "cause", "message"),
    [
        (402, "Subscribe to PRO", "requires a paid plan .*Subscribe to PRO.*`--sdk static` is free"),
        (403, "Space creation limit reached", "reached a limit"),
        (403, "Forbidden", "no write access"),
        (429, "Too many requests", "overloaded or broken"),
        (503, "Service unavailable", "overloaded or broken"),
    ],
)
def test_space_that_the_hub_does_not_create(deploy: Deploy, status: int, cause: str, message: str) -> None:
    """The message distinguishes payment, limits, access and failures of the Hub."""
    deploy.hub.inject(Fault(path="/api/repos/create", status=status, headers={"X-Error-Message": cause}))
    assert_refused(deploy, message)


def test_space_of_others(deploy: Deploy) -> None:
    """A public Space is not updated with `--private`, and an app.py of others is not overwritten."""
    deploy.hub.commit(SPACE, {"app.py": b"print('mine')\n"}, repo_type="space")
    assert_refused(deploy, "is public", "--private")
    assert_refused(deploy, "has a file app.py")
    assert deploy.variables() == {}


def test_change_by_others_in_the_meantime(deploy: Deploy) -> None:
    """If the Space changes during the deployment, that change stays."""
    deploy.hub.commit(SPACE, {"notes.txt": b"first"}, repo_type="space")
    push = lambda: deploy.hub.commit(SPACE, {"notes.txt": b"second"}, repo_type="space")  # noqa: E731
    deploy.hub.inject(Fault(path="/commit/", times=1, before_handling=push))
    assert_refused(deploy, "ann/digits was changed by somebody else")
    assert deploy.files()["notes.txt"] == b"second"


def test_hub_that_is_down(deploy: Deploy) -> None:
    """Without the Hub the command fails at once."""
    deploy.hub.stop()
    assert_refused(deploy, "no response from the Hub")
