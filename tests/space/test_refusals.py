"""What goes wrong is told in one sentence, and the Space stays as it is."""

import json
import re

import pytest

from tests.app.hub_release import release_files
from tests.hub.faults import Fault
from tests.space.deploying import MODEL, SPACE, Deploy

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


def assert_refused(
    deploy: Deploy, sentence: str, *options: str, repo: str = SPACE, model: str = MODEL
) -> None:
    """Assert that the command fails with a sentence that matches the pattern, and changes nothing."""
    error = deploy("gradio", *options, repo=repo, model=model).error()
    assert re.search(sentence, error), error
    writing = [
        asked
        for asked in deploy.hub.requests
        if asked.method != "GET" and asked.status < 400 and re.search("/(create|commit)", asked.path)
    ]
    assert not writing


def test_without_a_token(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token the command says how to get one."""
    monkeypatch.delenv("HF_TOKEN")
    assert_refused(deploy, "no token: log in with `hf auth login`")


def test_with_a_wrong_token(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that the Hub does not know is told apart from none."""
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert_refused(deploy, "does not know the token")


def test_with_a_token_that_may_only_read(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token without the right to write is told as such."""
    monkeypatch.setenv("HF_TOKEN", deploy.hub.token(role="read"))
    assert_refused(deploy, "may only read")


def test_for_somebody_else(deploy: Deploy) -> None:
    """A Space of another user is not tried."""
    assert_refused(deploy, "of ann, who does not belong to bob", repo="bob/digits")


@pytest.mark.parametrize("repo", ["digits", "ann/a/b", "ann/di gits"])
def test_space_with_a_bad_name(deploy: Deploy, repo: str) -> None:
    """A name that is not like user/name is refused before anything is asked."""
    assert_refused(deploy, "names no Space; write user/name", repo=repo)
    assert not deploy.hub.requests


def test_space_whose_name_the_hub_cannot_have(deploy: Deploy) -> None:
    """A name that only the Hub's rules forbid is refused, too."""
    assert_refused(deploy, "cannot be called that", repo="ann/di--gits")


@pytest.mark.parametrize("model", ["reader", "ann/reader@", "ann/reader@v 1"])
def test_model_with_a_bad_name(deploy: Deploy, model: str) -> None:
    """A model's name that makes no sense is refused."""
    assert_refused(deploy, "names no model", model=model)


def test_model_that_is_not_there(deploy: Deploy) -> None:
    """A model that does not exist is told."""
    assert_refused(deploy, "the model ann/other at main does not exist, or is private", model="ann/other")


def test_private_model(deploy: Deploy) -> None:
    """A model that only its owner may see is of no use to a Space, even with the owner's token."""
    deploy.hub.store.repo(MODEL).private = True
    assert_refused(deploy, "does not exist, or is private")


@pytest.mark.parametrize("revision", ["v9", "0" * 40])
def test_revision_that_is_not_there(deploy: Deploy, revision: str) -> None:
    """A tag or commit that the model does not have is told."""
    assert_refused(deploy, f"at {revision} does not exist", model=f"{MODEL}@{revision}")


def test_model_without_a_reader(deploy: Deploy) -> None:
    """A repo that is no release of this project is told, and what it lacks."""
    deploy.hub.commit("ann/other", {"release.json": b"{}"})
    assert_refused(deploy, "is no release: it has no reader.tflite", model="ann/other")


def test_damaged_model(deploy: Deploy) -> None:
    """A reader that is not the one of release.json is not deployed."""
    deploy.hub.commit(MODEL, {"reader.tflite": b"something else"})
    assert_refused(deploy, "is not the file that its release.json describes")


def test_model_whose_description_makes_no_sense(deploy: Deploy) -> None:
    """A release.json without what the card tells is refused."""
    described = json.loads(release_files()["release.json"])
    del described["metrics"]
    deploy.hub.commit(MODEL, {"release.json": json.dumps(described).encode()})
    assert_refused(deploy, "release.json of ann/reader cannot be understood")


@pytest.mark.parametrize(
    ("status", "said", "sentence"),
    [
        (402, "Subscribe to PRO", "wants a paid plan .*Subscribe to PRO.*`--sdk static` is free"),
        (403, "Space creation limit reached", "limit for your account is reached"),
        (403, "Forbidden", "no right to write"),
        (429, "Too many requests", "busy or broken"),
        (503, "Service unavailable", "busy or broken"),
    ],
)
def test_space_that_the_hub_does_not_create(deploy: Deploy, status: int, said: str, sentence: str) -> None:
    """Payment, limits, rights and the Hub's own faults are told apart."""
    deploy.hub.inject(Fault(path="/api/repos/create", status=status, headers={"X-Error-Message": said}))
    assert_refused(deploy, sentence)


def test_public_space_that_should_be_private(deploy: Deploy) -> None:
    """A public Space is not updated by somebody who believes that it is private."""
    deploy.hub.commit(SPACE, {"notes.txt": b""}, repo_type="space")
    assert_refused(deploy, "is public; make it private in its settings", "--private")


def test_change_by_somebody_else_meanwhile(deploy: Deploy) -> None:
    """When the Space changes while it is deployed, that change wins."""
    deploy.hub.commit(SPACE, {"notes.txt": b"first"}, repo_type="space")
    push = {"notes.txt": b"second"}
    deploy.hub.inject(
        Fault(
            path="/commit/",
            times=1,
            before_handling=lambda: deploy.hub.commit(SPACE, push, repo_type="space"),
        )
    )
    assert_refused(deploy, "somebody else changed the Space ann/digits meanwhile")
    assert deploy.files()["notes.txt"] == b"second"


def test_hub_that_is_down(deploy: Deploy) -> None:
    """Without the Hub the command says so at once."""
    deploy.hub.stop()
    assert_refused(deploy, "the Hub does not answer")
