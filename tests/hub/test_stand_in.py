"""The stand-in Hub works with the real client, and fails as the Hub does."""

import hashlib
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, ModelCard, errors

from tests.hub.faults import Fault
from tests.hub.server import Hub

REPO = "ann/digits"

# The client itself causes this warning when it uploads a file to LFS.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


@pytest.fixture
def api(hub: Hub, client_settings: None) -> HfApi:  # noqa: ARG001
    """The client with a token of ann that may write."""
    return HfApi(endpoint=hub.url, token=hub.token())


def test_commit_of_a_new_repo_is_downloaded_again(api: HfApi, hub: Hub, tmp_path: Path) -> None:
    """A commit adds regular and LFS files and deletes files; a snapshot has the same files."""
    api.create_repo(REPO, private=True)
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
    assert [entry.path for entry in api.list_repo_tree(REPO)] == [".gitattributes", "a"]
    (entry,) = api.list_repo_tree(REPO, "a")
    assert entry.lfs.sha256 == hashlib.sha256(b"weights").hexdigest()  # type: ignore[union-attr]
    with pytest.raises(errors.RepositoryNotFoundError):  # it is private
        api.model_info(REPO, token=hub.token("bob"))


def test_errors_of_the_client_are_those_of_the_hub(api: HfApi, hub: Hub) -> None:
    """A missing repo, revision or file, and a token that is unknown or may not write, are separate errors."""
    old = hub.commit(REPO, {"a": b"a"})
    hub.tag(REPO, "v1")
    hub.commit(REPO, {"a": b"b"})
    with pytest.raises(errors.RepositoryNotFoundError):
        api.model_info("ann/missing")
    with pytest.raises(errors.RevisionNotFoundError):
        api.model_info(REPO, revision="v9")
    with pytest.raises(errors.RemoteEntryNotFoundError):
        api.hf_hub_download(REPO, "missing")
    change = [CommitOperationAdd("a", b"c")]
    for status, call in (
        (401, lambda: api.model_info(REPO, token=hub.token()[::-1])),
        (403, lambda: api.create_tag(REPO, tag="v2", token=False)),
        (403, lambda: api.create_tag(REPO, tag="v2", token=hub.token("ann", "read"))),
        (403, lambda: api.create_tag(REPO, tag="v2", token=hub.token("bob"))),
        (409, lambda: api.create_tag(REPO, tag="v1")),
        (409, lambda: api.create_repo(REPO)),
        (412, lambda: api.create_commit(REPO, change, commit_message="Change", parent_commit=old)),
    ):
        with pytest.raises(errors.HfHubHTTPError) as raised:
            call()
        assert raised.value.response.status_code == status
    assert [tag.name for tag in api.list_repo_refs(REPO).tags] == ["v1"]
    pull_request = api.create_commit(REPO, change, commit_message="Change", create_pr=True)
    assert pull_request.pr_url == f"{hub.url}/{REPO}/discussions/1"
    assert (hub.files(REPO)["a"], hub.files(REPO, revision="refs/pr/1")["a"]) == (b"b", b"c")


@pytest.mark.parametrize(
    ("front_matter", "error"),
    [
        ("license: 42", "must be a string"),
        ("tags: [1]", "must be an array of strings"),
        ("sdk: streamlit", "must be one of"),
        (f"short_description: {61 * 'x'}", "at most 60 characters"),
    ],
)
@pytest.mark.usefixtures("client_settings")
def test_card_with_an_error_is_refused(front_matter: str, error: str) -> None:
    """A README whose front matter the Hub refuses does not validate."""
    with pytest.raises(ValueError, match=error):
        ModelCard(f"---\n{front_matter}\n---\n").validate()


def test_space_builds_after_a_commit(api: HfApi, hub: Hub) -> None:
    """A Space has variables, and passes through the stages of a build until it runs."""
    variable = {"key": "MODEL", "value": REPO}
    api.create_repo(REPO, repo_type="space", space_sdk="docker", space_variables=[variable])
    assert api.add_space_variable(REPO, "REVISION", "v1").keys() == {"MODEL", "REVISION"}
    hub.commit(REPO, {"Dockerfile": b"FROM scratch"}, repo_type="space")
    stages = [api.get_space_runtime(REPO).stage for _ in range(5)]
    assert stages == ["NO_APP_FILE", "BUILDING", "APP_STARTING", "RUNNING", "RUNNING"]


def test_faults_are_injected(hub: Hub) -> None:
    """A fault applies to the requests that it names, as many times as it says."""
    hub.commit(REPO, {"model.keras": bytes(1000)})
    url = f"{hub.url}/{REPO}/resolve/main/model.keras"
    hub.inject(Fault(method="GET", path="/resolve/", times=1, status=503))
    assert [httpx2.get(f"{hub.url}/api/models/{REPO}").status_code, httpx2.head(url).status_code] == [
        200,
        200,
    ]
    assert [httpx2.get(url).status_code for _ in range(2)] == [503, 200]
    assert [request.status for request in hub.requests] == [200, 200, 503, 200]
    for fault in (Fault(cut=10), Fault(drop=True)):
        hub.inject(fault)
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.get(url)
        hub.clear_faults()
    hub.inject(Fault(wait=60))
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.get(url, timeout=0.1)
    hub.stop()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)
