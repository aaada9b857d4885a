"""The stand-in Hub works with the real client."""

from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

from tests.hub.server import Hub

REPO = "ann/digits"


# The client itself causes this warning when it uploads a file to LFS.
@pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")
@pytest.mark.usefixtures("client_settings")
def test_commit_of_a_new_repo_is_downloaded_again(hub: Hub, tmp_path: Path) -> None:
    """A commit adds regular and LFS files and deletes files; a snapshot has the same files."""
    api = HfApi(endpoint=hub.url, token=hub.token())
    api.create_repo(REPO)
    api.create_commit(REPO, [CommitOperationAdd("old", b"old")], commit_message="First")
    changes = (CommitOperationAdd("a/m.keras", b"weights"), CommitOperationDelete("old"))
    made = api.create_commit(REPO, changes, commit_message="Add", commit_description="All")
    assert [commit.title for commit in api.list_repo_commits(REPO)] == ["Add", "First", "initial commit"]
    assert hub.history(REPO)[0].message == "All"
    snapshot = Path(api.snapshot_download(REPO, cache_dir=tmp_path))
    assert snapshot.name == made.oid == api.model_info(REPO).sha
    files = {str(path.relative_to(snapshot)): path for path in snapshot.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in files.items()} == hub.files(REPO)
    assert hub.files(REPO).keys() == {".gitattributes", "a/m.keras"}
