"""The unmodified client works with the stand-in for the Hub, and is refused what the Hub refuses."""

import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, ModelCard
from huggingface_hub.errors import (
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.hub.server import Hub
from tests.hub.store import RepoType

REPO = "ann/digits"

# The client itself uses httpx in a way that httpx warns of, whenever it sends a file to LFS.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


def asked(hub: Hub, method: str, part: str) -> list[str]:
    """The paths of the requests with a method and a part of the path."""
    return [request.path for request in hub.requests if request.method == method and part in request.path]


def test_folder_is_uploaded_in_one_commit(api: HfApi, hub: Hub, folder: Path) -> None:
    """A regular and an LFS file arrive in one commit after the Hub's own first one."""
    api.create_repo(REPO)
    made = api.upload_folder(repo_id=REPO, folder_path=folder, commit_message="Add", commit_description="All")
    newest, first = hub.history(REPO)
    assert (newest.id, newest.title, newest.message, newest.parent) == (made.oid, "Add", "All", first.id)
    files = hub.files(REPO)
    assert files.keys() == {".gitattributes", "README.md", "weights/model.keras"}
    assert files["README.md"] == (folder / "README.md").read_bytes()
    assert files["weights/model.keras"] == (folder / "weights" / "model.keras").read_bytes()
    assert len(asked(hub, "PUT", "/lfs/upload/")) == 1


def test_second_upload_sends_only_what_changed(api: HfApi, hub: Hub, folder: Path) -> None:
    """Unchanged files are not sent again, and an unchanged folder makes no commit."""
    api.create_repo(REPO)
    api.upload_folder(repo_id=REPO, folder_path=folder)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    hub.requests.clear()
    made = api.upload_folder(repo_id=REPO, folder_path=folder)
    assert not asked(hub, "PUT", "/lfs/")
    again = api.upload_folder(repo_id=REPO, folder_path=folder)
    assert again.oid == made.oid
    assert hub.history(REPO)[0].id == made.oid
    assert len(hub.history(REPO)) == 3


@pytest.mark.parametrize("revision", ["main", "v1", "sha", "refs/pr/1"])
def test_file_is_downloaded_at_any_kind_of_revision(
    api: HfApi, hub: Hub, tmp_path: Path, revision: str
) -> None:
    """Branch, tag, full sha1 and pull request each give the file as it was there."""
    old = hub.commit(REPO, {"model.keras": b"old"})
    hub.tag(REPO, "v1")
    api.upload_file(repo_id=REPO, path_or_fileobj=b"wish", path_in_repo="model.keras", create_pr=True)
    hub.commit(REPO, {"model.keras": b"new"})
    wanted = {"main": b"new", "v1": b"old", "sha": b"old", "refs/pr/1": b"wish"}[revision]
    path = api.hf_hub_download(
        REPO, "model.keras", revision=old if revision == "sha" else revision, cache_dir=tmp_path
    )
    assert Path(path).read_bytes() == wanted


@pytest.mark.parametrize("repo_type", ["model", "dataset", "space"])
def test_snapshot_holds_all_files(api: HfApi, hub: Hub, tmp_path: Path, repo_type: RepoType) -> None:
    """A snapshot of any type of repo is what the Hub holds, under the commit's sha1."""
    sha = hub.commit(REPO, {"a.txt": b"a", "b/c.bin": b"c" * 1000}, repo_type=repo_type)
    snapshot = Path(api.snapshot_download(REPO, repo_type=repo_type, cache_dir=tmp_path))
    assert snapshot.name == sha
    found = {str(path.relative_to(snapshot)): path for path in snapshot.rglob("*") if path.is_file()}
    held = hub.files(REPO, repo_type=repo_type)
    assert {name: path.read_bytes() for name, path in found.items()} == held


def test_information_is_of_the_revision_asked_for(api: HfApi, hub: Hub) -> None:
    """Sha1, card and sizes are those of the revision."""
    old = hub.commit(REPO, {"README.md": b"---\nlicense: mit\ntags: [digits]\n---\n", "m.keras": b"12345"})
    hub.commit(REPO, {"README.md": b"---\nlicense: gpl\n---\n"})
    information = api.model_info(REPO, revision=old, files_metadata=True)
    assert information.sha == old
    assert information.card_data is not None
    assert information.card_data.license == "mit"
    assert set(information.tags or []) == {"digits", "license:mit"}
    assert information.siblings is not None
    (model,) = [file for file in information.siblings if file.rfilename == "m.keras"]
    assert (model.size, model.lfs is not None) == (5, True)


def test_tree_names_files_and_folders(api: HfApi, hub: Hub) -> None:
    """A tree lists one folder, or all below; paths_info leaves out what is not there."""
    hub.commit(REPO, {"a/b/c.txt": b"c", "a/d.txt": b"d"})
    assert {entry.path for entry in api.list_repo_tree(REPO, "a")} == {"a/b", "a/d.txt"}
    assert {entry.path for entry in api.list_repo_tree(REPO, "a", recursive=True)} == {
        "a/b",
        "a/b/c.txt",
        "a/d.txt",
    }
    assert [entry.path for entry in api.get_paths_info(REPO, ["a/d.txt", "no"])] == ["a/d.txt"]
    with pytest.raises(RemoteEntryNotFoundError):
        list(api.list_repo_tree(REPO, "no"))


def test_refs_and_commits_are_listed(api: HfApi, hub: Hub) -> None:
    """Branches, tags and history are those that were made."""
    sha = hub.commit(REPO, {"a": b"a"}, message="First")
    api.create_branch(REPO, branch="try/this", revision=sha)
    api.create_tag(REPO, tag="v1")
    refs = api.list_repo_refs(REPO)
    assert [ref.name for ref in refs.branches] == ["main", "try/this"]
    assert [(ref.name, ref.target_commit) for ref in refs.tags] == [("v1", sha)]
    assert [commit.title for commit in api.list_repo_commits(REPO)] == ["First", "initial commit"]
    api.delete_branch(REPO, branch="try/this")
    api.delete_tag(REPO, tag="v1")
    refs = api.list_repo_refs(REPO)
    assert (len(refs.branches), len(refs.tags)) == (1, 0)


def test_tag_is_made_once(api: HfApi, hub: Hub) -> None:
    """A tag that exists is refused with 409, which the client can be told to take for success."""
    old = hub.commit(REPO, {"a": b"a"})
    api.create_tag(REPO, tag="v1")
    hub.commit(REPO, {"a": b"b"})
    with pytest.raises(HfHubHTTPError) as refused:
        api.create_tag(REPO, tag="v1")
    assert refused.value.response.status_code == 409
    api.create_tag(REPO, tag="v1", exist_ok=True)
    assert hub.files(REPO, revision="v1") == hub.files(REPO, revision=old)


def test_repo_is_created_once_and_deleted(api: HfApi, hub: Hub) -> None:
    """A second creation is refused with 409, and a deleted repo is not found."""
    assert api.create_repo(REPO) == f"{hub.url}/{REPO}"
    with pytest.raises(HfHubHTTPError) as refused:
        api.create_repo(REPO)
    assert refused.value.response.status_code == 409
    assert api.create_repo(REPO, exist_ok=True) == f"{hub.url}/{REPO}"
    api.delete_repo(REPO)
    with pytest.raises(RepositoryNotFoundError):
        api.model_info(REPO)


def test_stale_parent_is_refused(api: HfApi, hub: Hub) -> None:
    """A commit made for a parent that is no longer the newest changes nothing and gets 412."""
    old = hub.commit(REPO, {"a": b"a"})
    newest = hub.commit(REPO, {"a": b"b"})
    with pytest.raises(HfHubHTTPError, match="A commit has happened since") as refused:
        api.upload_file(repo_id=REPO, path_or_fileobj=b"c", path_in_repo="a", parent_commit=old)
    assert refused.value.response.status_code == 412
    assert hub.history(REPO)[0].id == newest
    api.upload_file(repo_id=REPO, path_or_fileobj=b"c", path_in_repo="a", parent_commit=newest)
    assert hub.files(REPO)["a"] == b"c"


def test_pull_request_leaves_the_branch_alone(api: HfApi, hub: Hub) -> None:
    """A pull request gets a ref of its own, to which more can be added."""
    main = hub.commit(REPO, {"a": b"a"})
    made = api.upload_file(repo_id=REPO, path_or_fileobj=b"b", path_in_repo="a", create_pr=True)
    assert (made.pr_revision, made.pr_url) == ("refs/pr/1", f"{hub.url}/{REPO}/discussions/1")
    api.upload_file(repo_id=REPO, path_or_fileobj=b"c", path_in_repo="c", revision="refs/pr/1")
    assert hub.history(REPO)[0].id == main
    files = hub.files(REPO, revision="refs/pr/1")
    assert (files["a"], files["c"]) == (b"b", b"c")


def test_files_and_folders_are_deleted(api: HfApi, hub: Hub) -> None:
    """A commit can take files and whole folders away, but not what is not there."""
    hub.commit(REPO, {"a/b": b"b", "a/c": b"c", "d": b"d", "e": b"e"})
    gone = [CommitOperationDelete("a/"), CommitOperationDelete("d")]
    api.create_commit(REPO, [*gone, CommitOperationAdd("f", b"f")], commit_message="Change")
    assert hub.files(REPO).keys() == {".gitattributes", "e", "f"}
    with pytest.raises(RemoteEntryNotFoundError):
        api.delete_file("d", REPO)


def test_what_is_missing_is_told_apart(api: HfApi, hub: Hub, tmp_path: Path) -> None:
    """A missing repo, revision and file are three errors."""
    hub.commit(REPO, {"a": b"a"})
    with pytest.raises(RepositoryNotFoundError):
        api.hf_hub_download("ann/other", "a", cache_dir=tmp_path)
    with pytest.raises(RevisionNotFoundError):
        api.hf_hub_download(REPO, "a", revision="v9", cache_dir=tmp_path)
    with pytest.raises(RemoteEntryNotFoundError):
        api.hf_hub_download(REPO, "b", cache_dir=tmp_path)
    with pytest.raises(RevisionNotFoundError):
        api.upload_file(repo_id=REPO, path_or_fileobj=b"c", path_in_repo="c", revision="other")


def test_card_is_checked(api: HfApi, hub: Hub) -> None:
    """The Hub takes no README whose YAML is broken or whose licence is no text, checked or committed."""
    ModelCard("---\nlicense: mit\n---\n").validate()
    with pytest.raises(ValueError, match="must be a string"):
        ModelCard("---\nlicense: 42\n---\n").validate()
    with pytest.raises(ValueError, match="must be one of"):
        ModelCard("---\nsdk: streamlit\n---\n").validate(repo_type="space")
    api.create_repo(REPO)
    readme = b"---\nlicense: [unclosed\n---\n"
    with pytest.raises(ValueError, match="Invalid YAML"):
        api.upload_file(repo_id=REPO, path_or_fileobj=readme, path_in_repo="README.md")
    with pytest.warns(UserWarning, match="empty or missing yaml metadata"):
        api.upload_file(repo_id=REPO, path_or_fileobj=b"# Digits", path_in_repo="README.md")
    assert hub.files(REPO)["README.md"] == b"# Digits"


def test_client_in_a_subprocess_finds_the_stand_in(hub: Hub, hub_environment: dict[str, str]) -> None:
    """With `hub_environment` alone the client asks the stand-in, without a token."""
    hub.commit(REPO, {"model.keras": b"weights"})
    script = f"from huggingface_hub import hf_hub_download; print(hf_hub_download({REPO!r}, 'model.keras'))"
    ended = subprocess.run(
        [sys.executable, "-c", script], env=hub_environment, capture_output=True, text=True, check=True
    )
    path = Path(ended.stdout.strip())
    assert path.read_bytes() == b"weights"
    assert path.is_relative_to(hub_environment["HF_HOME"])
