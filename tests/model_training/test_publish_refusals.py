"""`publish` reports invalid releases and failures of the Hub in one line, and changes nothing."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from huggingface_hub import constants

from model_training.release.release_folder import description_text, read_description
from tests.hub.faults import Fault
from tests.hub.server import Hub
from tests.model_training.publishing import REPO, Publish, writing_requests

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
    publish.fails(r"ann/digits has a new commit.*publish again", "--tag", "v1")
    assert hub.files(REPO)["README.md"] == b"theirs"
    assert "model.keras" not in hub.files(REPO)
    assert not hub.store.repo(REPO).tags


@pytest.mark.parametrize("name", ["model.keras", "figures/curves.png", "release.json"])
def test_changed_byte_is_refused(hub: Hub, publish: Publish, release: Path, name: str) -> None:
    """The damaged file is named, and no request is sent."""
    content = bytearray((release / name).read_bytes())
    content[len(content) // 2] ^= 0x80
    (release / name).write_bytes(content)
    publish.fails(rf"{name} is damaged|damaged: the sha256 of .*{name}")
    assert not hub.requests


def test_invalid_release_is_refused(hub: Hub, publish: Publish, release: Path) -> None:
    """A path outside the folder, another format, missing scores and files, and no release at all."""
    description = read_description(release)
    changes: dict[str, dict[str, object]] = {
        r"\.\./digits\.txt, which is outside": {"files": {"../digits.txt": {}}},
        r"format 99; the supported format is 2": {"format_version": 99},
        r"release\.json is invalid": {"metrics": []},
        r"incomplete: .*missing\.png": {"files": {"missing.png": {}}},
    }
    for pattern, change in changes.items():
        (release / "release.json").write_text(json.dumps(description | change), encoding="utf-8")
        publish.fails(pattern)
    (release / "release.json").unlink()
    publish.fails(r"holds no release: there is no release\.json")
    assert not hub.requests


def test_readers_must_agree_with_their_networks(hub: Hub, publish: Publish, release: Path) -> None:
    """Another temperature, or no images to compare, are refused, although every hash is correct."""
    description = read_description(release)
    other_line_reader = description["line_reader"] | {"temperature": 0.01}
    changes: dict[str, dict[str, object]] = {
        r"do not match: the reader's probabilities differ": {"temperature": 3.0},
        r"do not match: the line reader's probabilities differ": {"line_reader": other_line_reader},
        r"the self-test of .*release\.json is invalid": {"self_test": {}},
    }
    for pattern, change in changes.items():
        (release / "release.json").write_text(description_text(description | change), encoding="utf-8")
        publish.fails(pattern)
    assert not writing_requests(hub)


def test_token_needs_write_access(hub: Hub, publish: Publish) -> None:
    """No token, an unknown one, a read-only one, and one of another user."""
    publish.fails(r"no token found; log in with `hf auth login`", HF_TOKEN="")
    publish.fails(r"the Hub rejects the token", HF_TOKEN=hub.token("ann") + "x")
    publish.fails(r"the token of ann is read-only", HF_TOKEN=hub.token("ann", "read"))
    publish.fails(r"the token belongs to bob, not a member of ann", HF_TOKEN=hub.token("bob"))
    assert not writing_requests(hub)


def test_target_must_fit(hub: Hub, publish: Publish) -> None:
    """Names of datasets and Spaces, invalid names and tags, and a public repo for --private."""
    hub.commit("ann/data", {"a.txt": b"a"}, repo_type="dataset")
    hub.commit("ann/page", {"a.txt": b"a"}, repo_type="space")
    hub.commit("ann/public", {"a.txt": b"a"})
    hub.tag("ann/public", "v1")
    publish.fails(r"ann/data is a dataset, not a model", repo="ann/data")
    publish.fails(r"ann/page is a space, not a model", repo="ann/page")
    publish.fails(r"digits is not the name of a repo", repo="digits")
    publish.fails(r"ann/di\.\.gits is not a valid name", repo="ann/di..gits")
    publish.fails(r"ann/public is public", "--private", repo="ann/public")
    publish.fails(r"the tag v1 exists already, on commit", "--tag", "v1", repo="ann/public")
    publish.fails(r"'a b' is not a valid tag", "--tag", "a b", repo="ann/public")
    publish.fails(r"ann/digits does not exist", "--pull-request")
    assert not writing_requests(hub)


def test_failing_hub_is_one_line(hub: Hub, publish: Publish) -> None:
    """A rejected card, an error of the server, a dropped connection, offline mode, and no Hub at all."""
    for fault, pattern in [
        (Fault(path="/validate-yaml", status=400), r"the Hub rejects the model card"),
        (Fault(path="/whoami-v2", status=503), r"overloaded or failing \(503"),
        (Fault(path="/whoami-v2", drop=True), r"no response from the Hub"),
    ]:
        hub.inject(fault)
        publish.fails(pattern)
        hub.clear_faults()
    with patch.object(constants, "HF_HUB_OFFLINE", True):
        publish.fails(r"HF_HUB_OFFLINE is set")
    hub.stop()
    publish.fails(r"no response from the Hub \(.*Connection refused.*check the network")
    assert not writing_requests(hub)


def test_failed_upload_is_one_line(hub: Hub, publish: Publish) -> None:
    """The file is named, and nothing is committed."""
    there = hub.commit(REPO, {"README.md": b"digits"})
    hub.inject(Fault(method="PUT", path="/lfs/upload/", status=403))
    publish.fails(r"the upload failed \(Error while uploading '.*' to the Hub.*run the command again")
    assert hub.history(REPO)[0].id == there
