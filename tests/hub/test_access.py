"""The stand-in for the Hub refuses whom and what the Hub refuses."""

import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from tests.hub.access import Role
from tests.hub.server import Hub

REPO = "ann/digits"
OID = hashlib.sha256(b"weights").hexdigest()


def commit_lines(*operations: tuple[str, dict[str, Any]]) -> str:
    """A commit as the client writes it."""
    lines = [("header", {"summary": "Add", "description": ""}), *operations]
    return "\n".join(json.dumps({"key": key, "value": value}) for key, value in lines)


@pytest.fixture
def ann(hub: Hub) -> dict[str, str]:
    """Headers of ann's, who may write to her repo."""
    hub.commit(REPO, {"a": b"a"})
    return {"Authorization": f"Bearer {hub.token()}"}


def test_token_says_whose_it_is(api: HfApi, hub: Hub) -> None:
    """The client learns the user and the role from a token."""
    assert api.whoami()["name"] == "ann"
    reader = api.whoami(token=hub.token("bob", "read"))
    assert (reader["name"], reader["auth"]["accessToken"]["role"]) == ("bob", "read")


def test_bad_token_is_refused_even_for_public_repos(api: HfApi, hub: Hub, tmp_path: Path) -> None:
    """A token that the Hub does not know is not taken for a missing repo."""
    hub.commit(REPO, {"a": b"a"})
    wrong = hub.token()[::-1]
    with pytest.raises(HfHubHTTPError, match="Invalid user token"):
        api.whoami(token=wrong)
    for ask in (
        lambda: api.model_info(REPO, token=wrong),
        lambda: api.hf_hub_download(REPO, "a", token=wrong, cache_dir=tmp_path),
    ):
        with pytest.raises(HfHubHTTPError, match="Invalid credentials in Authorization header") as refused:
            ask()
        assert refused.value.response.status_code == 401
        assert not isinstance(refused.value, RepositoryNotFoundError)
    assert api.hf_hub_download(REPO, "a", token=False, cache_dir=tmp_path)


@pytest.mark.parametrize(("user", "role"), [("ann", "read"), ("bob", "write")])
def test_who_may_only_read_gets_403_for_writing(api: HfApi, hub: Hub, user: str, role: Role) -> None:
    """A token with the role read, and another user's, reads a public repo and changes nothing."""
    sha = hub.commit(REPO, {"a": b"a"})
    token = hub.token(user, role)
    assert api.model_info(REPO, token=token).sha == sha
    file: dict[str, Any] = {"path_or_fileobj": b"b", "path_in_repo": "a"}
    for write in (
        lambda: api.create_repo("ann/other", token=token),
        lambda: api.upload_file(repo_id=REPO, token=token, **file),
        lambda: api.create_tag(REPO, tag="v1", token=token),
        lambda: api.create_branch(REPO, branch="other", token=token),
        lambda: api.update_repo_settings(REPO, private=True, token=token),
        lambda: api.delete_repo(REPO, token=token),
    ):
        with pytest.raises(HfHubHTTPError) as refused:
            write()
        assert refused.value.response.status_code == 403
    assert hub.history(REPO)[0].id == sha
    assert hub.store.repo(REPO).tags == {}


def test_writing_needs_a_token(api: HfApi, hub: Hub) -> None:
    """Without a token nothing is changed."""
    hub.commit(REPO, {"a": b"a"})
    with pytest.raises(HfHubHTTPError) as refused:
        api.create_tag(REPO, tag="v1", token=False)
    assert refused.value.response.status_code == 401


def test_private_repo_is_not_found_by_others(api: HfApi, hub: Hub) -> None:
    """Only its owner knows that a private repo exists, until it is made public."""
    api.create_repo(REPO, private=True)
    assert api.model_info(REPO).private
    for token in (False, hub.token("bob")):
        with pytest.raises(RepositoryNotFoundError):
            api.model_info(REPO, token=token)
    api.update_repo_settings(REPO, private=False)
    assert not api.model_info(REPO, token=False).private


def test_lfs_file_must_be_what_was_announced(hub: Hub, ann: dict[str, str]) -> None:
    """An upload with another hash or size is refused, and so is a commit of a file never uploaded."""
    batch = httpx2.post(
        f"{hub.url}/{REPO}.git/info/lfs/objects/batch",
        json={"operation": "upload", "objects": [{"oid": OID, "size": 7}]},
        headers=ann,
    )
    actions = batch.json()["objects"][0]["actions"]
    lines = commit_lines(("lfsFile", {"path": "m.keras", "algo": "sha256", "oid": OID, "size": 7}))

    def verify() -> int:
        body = {"oid": OID, "size": 7}
        return httpx2.post(actions["verify"]["href"], json=body, headers=ann).status_code

    def commit() -> int:
        address = f"{hub.url}/api/models/{REPO}/commit/main"
        return httpx2.post(address, content=lines, headers=ann).status_code

    for content in (b"WEIGHTS", b"weights and more"):
        assert httpx2.put(actions["upload"]["href"], content=content).status_code == 400
    assert verify() == 400
    assert commit() == 400
    assert httpx2.put(actions["upload"]["href"], content=b"weights").status_code == 200
    assert verify() == 200
    assert commit() == 200
    assert hub.files(REPO)["m.keras"] == b"weights"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("../a", b""),
        (".git/config", b""),
        ("a/b", b""),  # a is a file
        ("README.md", b"---\nlicense: 42\n---\n"),
        ("large.txt", bytes(10 * 2**20 + 1)),
    ],
)
def test_file_that_the_hub_would_not_take_is_refused(
    hub: Hub, ann: dict[str, str], path: str, content: bytes
) -> None:
    """Bad paths, bad READMEs and large files outside LFS make no commit."""
    file = {"path": path, "content": b64encode(content).decode(), "encoding": "base64"}
    answer = httpx2.post(
        f"{hub.url}/api/models/{REPO}/commit/main", content=commit_lines(("file", file)), headers=ann
    )
    assert answer.status_code == 400
    assert len(hub.history(REPO)) == 2


def test_commit_goes_to_a_branch_only(hub: Hub, ann: dict[str, str]) -> None:
    """A tag or a sha1 cannot be committed to, and the main branch cannot be deleted."""
    hub.tag(REPO, "v1")
    for revision in ("v1", hub.history(REPO)[0].id):
        address = f"{hub.url}/api/models/{REPO}/commit/{revision}"
        assert httpx2.post(address, content=commit_lines(), headers=ann).status_code == 400
    assert httpx2.delete(f"{hub.url}/api/models/{REPO}/branch/main", headers=ann).status_code == 403
