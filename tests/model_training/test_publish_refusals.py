"""`publish` reports invalid releases and failures of the Hub in one line, and changes nothing."""

import json
from pathlib import Path

import pytest

from model_training.release.release_folder import description_text, read_description
from tests.hub.faults import Fault
from tests.hub.server import Hub
from tests.model_training.publishing import REPO, Publish, assert_error, writing_requests

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


def test_commit_of_somebody_else_is_not_overwritten(hub: Hub, publish: Publish) -> None:
    """A commit between the checks and the upload stays, and publishing fails."""
    hub.commit(REPO, {"README.md": b"first"})
    push = Fault(
        path="/preupload/", times=1, before_handling=lambda: hub.commit(REPO, {"README.md": b"theirs"})
    )
    hub.inject(push)
    assert_error(publish("--tag", "v1"), r"ann/digits has a new commit.*publish again")
    assert hub.files(REPO)["README.md"] == b"theirs"
    assert "model.keras" not in hub.files(REPO)
    assert not hub.store.repo(REPO).tags


@pytest.mark.parametrize("name", ["model.keras", "figures/curves.png", "release.json"])
def test_changed_byte_is_refused(hub: Hub, publish: Publish, release: Path, name: str) -> None:
    """The damaged file is named, and no request is sent."""
    content = bytearray((release / name).read_bytes())
    content[len(content) // 2] ^= 0x80
    (release / name).write_bytes(content)
    assert_error(publish(), rf"{name} is damaged|damaged: the sha256 of .*{name}")
    assert not hub.requests


def test_invalid_release_is_refused(hub: Hub, publish: Publish, release: Path) -> None:
    """A path outside the folder, another format, missing scores and files, and no release at all."""
    description = read_description(release)

    def assert_refused(changes: dict[str, object], pattern: str) -> None:
        (release / "release.json").write_text(json.dumps(description | changes), encoding="utf-8")
        assert_error(publish(), pattern)

    assert_refused({"files": {"../digits.txt": {}}}, r"\.\./digits\.txt, which is outside")
    assert_refused({"format_version": 99}, r"format 99; the supported format is 1")
    assert_refused({"metrics": []}, r"release\.json is invalid")
    assert_refused({"files": {"missing.png": {}}}, r"incomplete: .*missing\.png")
    (release / "release.json").unlink()
    assert_error(publish(), r"holds no release: there is no release\.json")
    assert not hub.requests


def test_reader_must_agree_with_its_network(hub: Hub, publish: Publish, release: Path) -> None:
    """A reader with another temperature is refused, although every hash is correct."""
    description = read_description(release) | {"temperature": 3.0}
    (release / "release.json").write_text(description_text(description), encoding="utf-8")
    assert_error(publish(), r"do not match: the reader's probabilities differ")
    assert not writing_requests(hub)


def test_token_needs_write_access(hub: Hub, publish: Publish) -> None:
    """No token, an unknown one, a read-only one, and one of another user."""
    assert_error(publish(HF_TOKEN=""), r"no token found; log in with `hf auth login`")
    assert_error(publish(HF_TOKEN=hub.token("ann") + "x"), r"the Hub rejects the token")
    assert_error(publish(HF_TOKEN=hub.token("ann", "read")), r"the token of ann is read-only")
    assert_error(publish(HF_TOKEN=hub.token("bob")), r"the token is of bob, who is no member of ann")
    assert not writing_requests(hub)


def test_target_must_fit(hub: Hub, publish: Publish) -> None:
    """Names of datasets and Spaces, invalid names and tags, and a public repo for --private."""
    hub.commit("ann/data", {"a.txt": b"a"}, repo_type="dataset")
    hub.commit("ann/page", {"a.txt": b"a"}, repo_type="space")
    hub.commit("ann/public", {"a.txt": b"a"})
    hub.tag("ann/public", "v1")
    assert_error(publish(repo="ann/data"), r"ann/data is a dataset, not a model")
    assert_error(publish(repo="ann/page"), r"ann/page is a space, not a model")
    assert_error(publish(repo="digits"), r"digits is not the name of a repo")
    assert_error(publish(repo="ann/di..gits"), r"ann/di\.\.gits is not a valid name")
    assert_error(publish("--private", repo="ann/public"), r"ann/public is public")
    assert_error(publish("--tag", "v1", repo="ann/public"), r"the tag v1 exists already, on commit")
    assert_error(publish("--tag", "a b", repo="ann/public"), r"'a b' is not a valid tag")
    assert_error(publish("--pull-request"), r"ann/digits does not exist")
    assert not writing_requests(hub)


def test_failing_hub_is_one_line(hub: Hub, publish: Publish) -> None:
    """A rejected card, an error of the server, a dropped connection, offline mode, and no Hub at all."""
    for fault, pattern in [
        (Fault(path="/validate-yaml", status=400), r"the Hub rejects the model card"),
        (Fault(path="/whoami-v2", status=503), r"overloaded or failing \(503"),
        (Fault(path="/whoami-v2", drop=True), r"no response from the Hub"),
    ]:
        hub.inject(fault)
        assert_error(publish(), pattern)
        hub.clear_faults()
    assert_error(publish.run(HF_HUB_OFFLINE="1"), r"HF_HUB_OFFLINE is set")
    hub.stop()
    assert_error(publish(), r"no response from the Hub \(.*Connection refused.*check the network")
    assert not writing_requests(hub)


def test_failed_upload_is_one_line(hub: Hub, publish: Publish) -> None:
    """The file is named, and nothing is committed."""
    there = hub.commit(REPO, {"README.md": b"digits"})
    hub.inject(Fault(method="PUT", path="/lfs/upload/", status=403))
    assert_error(
        publish(), r"the upload failed \(Error while uploading '.*' to the Hub.*run the command again"
    )
    assert hub.history(REPO)[0].id == there
