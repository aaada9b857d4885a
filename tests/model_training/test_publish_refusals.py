"""What `publish` refuses, and what goes wrong with the Hub: one sentence each, and nothing is changed."""

from pathlib import Path

import pytest

from model_training.release.release_folder import description_text, read_description
from tests.hub.faults import Fault
from tests.hub.server import Hub
from tests.model_training.publishing import REPO, Publish, assert_error, writing_requests

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


def test_a_push_by_somebody_else_meanwhile_is_not_overwritten(hub: Hub, publish: Publish) -> None:
    """A commit that comes between the checks and ours makes ours fail, and stays."""
    hub.commit(REPO, {"README.md": b"first"})
    push = Fault(
        path="/preupload/", times=1, before_handling=lambda: hub.commit(REPO, {"README.md": b"theirs"})
    )
    hub.inject(push)
    assert_error(publish("--tag", "v1"), r"somebody else pushed to ann/digits meanwhile.*publish again")
    assert hub.files(REPO)["README.md"] == b"theirs"
    assert "model.keras" not in hub.files(REPO)
    assert not hub.store.repo(REPO).tags


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("model.keras", r"damaged: .*model\.keras has another sha256"),
        ("figures/curves.png", r"damaged: .*figures/curves\.png has another sha256"),
        ("release.json", r"release\.json cannot be understood"),
    ],
)
def test_a_damaged_release_is_refused_before_the_hub_is_asked(
    hub: Hub, publish: Publish, release: Path, name: str, sentence: str
) -> None:
    """A single changed byte is found, and named."""
    content = bytearray((release / name).read_bytes())
    content[len(content) // 2] ^= 0x80
    (release / name).write_bytes(content)
    assert_error(publish(), sentence)
    assert not writing_requests(hub)


def test_an_incomplete_release_is_refused(hub: Hub, publish: Publish, release: Path) -> None:
    """A file that is not there is named, and so is a folder without a release."""
    (release / "reader.tflite").unlink()
    assert_error(publish(), r"not whole: .*reader\.tflite")
    (release / "release.json").unlink()
    assert_error(publish(), r"holds no release: there is no release\.json")
    assert not hub.requests


def test_a_reader_that_disagrees_with_its_network_is_refused(
    hub: Hub, publish: Publish, release: Path
) -> None:
    """Though every hash is right, a reader of another temperature does not go out."""
    description = read_description(release) | {"temperature": 3.0}
    (release / "release.json").write_text(description_text(description), encoding="utf-8")
    assert_error(publish(), r"do not fit together: the reader's probabilities differ")
    assert not writing_requests(hub)


def test_tokens_that_may_not_write_are_told_apart(hub: Hub, publish: Publish) -> None:
    """None, an unknown one, one that only reads, and one of somebody else: a sentence each."""
    assert_error(publish(HF_TOKEN=""), r"there is no token: log in with `hf auth login`")
    assert_error(publish(HF_TOKEN=hub.token("ann") + "x"), r"the Hub does not know the token")
    assert_error(publish(HF_TOKEN=hub.token("ann", "read")), r"the token of ann may only read")
    assert_error(publish(HF_TOKEN=hub.token("bob")), r"the token is of bob, who does not belong to ann")
    assert not writing_requests(hub)


def test_repos_that_cannot_take_the_release_are_refused(hub: Hub, publish: Publish) -> None:
    """A dataset's or Space's name, no name, a public repo for what is private: a sentence each."""
    hub.commit("ann/data", {"a.txt": b"a"}, repo_type="dataset")
    hub.commit("ann/page", {"a.txt": b"a"}, repo_type="space")
    hub.commit("ann/public", {"a.txt": b"a"})
    hub.tag("ann/public", "v1")
    assert_error(publish(repo="ann/data"), r"ann/data is a dataset, not a model")
    assert_error(publish(repo="ann/page"), r"ann/page is a space, not a model")
    assert_error(publish(repo="digits"), r"digits is not the name of a repo")
    assert_error(publish(repo="ann/di..gits"), r"ann/di\.\.gits cannot be the name of a repo")
    assert_error(publish("--private", repo="ann/public"), r"ann/public is public")
    assert_error(publish("--tag", "v1", repo="ann/public"), r"the tag v1 exists already, on commit")
    assert_error(publish("--tag", "a b", repo="ann/public"), r"'a b' cannot be a tag")
    assert_error(publish("--pull-request"), r"there is no ann/digits yet to propose to")
    assert not writing_requests(hub)


def test_a_hub_in_trouble_is_one_sentence(hub: Hub, publish: Publish) -> None:
    """A refused card, a broken Hub, one that drops the connection and one that is down."""
    for fault, sentence in [
        (Fault(path="/validate-yaml", status=400), r"the Hub refuses the model card"),
        (Fault(path="/whoami-v2", status=503), r"busy or broken \(503"),
        (Fault(path="/whoami-v2", drop=True), r"the Hub does not answer"),
    ]:
        hub.inject(fault)
        assert_error(publish(), sentence)
        hub.clear_faults()
    assert_error(publish.run(HF_HUB_OFFLINE="1"), r"HF_HUB_OFFLINE is set")
    hub.stop()
    assert_error(publish(), r"the Hub does not answer \(.*Connection refused.*check the network")
    assert not writing_requests(hub)


def test_an_upload_that_breaks_off_is_one_sentence(hub: Hub, publish: Publish) -> None:
    """The file is named, and nothing was committed."""
    there = hub.commit(REPO, {"README.md": b"digits"})
    hub.inject(Fault(method="PUT", path="/lfs/upload/", status=403))
    assert_error(
        publish(), r"the upload broke off \(Error while uploading '.*' to the Hub.*the same command again"
    )
    assert hub.history(REPO)[0].id == there
