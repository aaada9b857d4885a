"""How the Hub writes repos, files and commits in JSON."""

from datetime import datetime
from typing import Any

from tests.hub.card import InvalidCard, read_card
from tests.hub.objects import Commit, File, folders
from tests.hub.store import Repo

Description = dict[str, Any]


def time_text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def describe_repo(repo: Repo, commit: Commit, *, with_sizes: bool) -> Description:
    """Describe a repo as it is at a commit."""
    card = _card(commit)
    description: Description = {
        "_id": repo.id,
        "id": repo.id,
        "author": repo.owner,
        "sha": commit.id,
        "private": repo.private,
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "lastModified": time_text(repo.resolve("main").date),
        "createdAt": time_text(repo.created),
        "tags": _tags(card),
        "cardData": card,
        "siblings": [describe_sibling(path, file, with_sizes) for path, file in sorted(commit.files.items())],
    }
    if repo.type == "model":
        description |= {name: card[name] for name in ("library_name", "pipeline_tag") if name in card}
    if repo.space is not None:
        description |= {"sdk": repo.space.sdk, "runtime": describe_runtime(repo)}
    return description


def describe_sibling(path: str, file: File, with_sizes: bool) -> Description:
    if not with_sizes:
        return {"rfilename": path}
    description: Description = {"rfilename": path, "size": file.size, "blobId": file.blob_id}
    if file.lfs:
        description["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": len(file.pointer)}
    return description


def describe_runtime(repo: Repo) -> Description:
    """Describe what a Space, and nothing but a Space, runs on."""
    assert repo.space is not None
    hardware = repo.space.hardware
    stage, commit = repo.space.stages[0]
    description = {
        "stage": stage,
        "hardware": {"current": hardware, "requested": hardware},
        "storage": None,
        "gcTimeout": None,
        "sha": commit,
    }
    return description | ({"errorMessage": repo.space.error} if stage.endswith("_ERROR") else {})


def describe_entries(commit: Commit) -> dict[str, Description]:
    """Describe all files and folders of a commit, by path, folders before what they hold."""
    entries = {
        path: {"type": "directory", "path": path, "oid": oid, "size": 0}
        for path, oid in folders(commit.files).items()
        if path
    }
    for path, file in commit.files.items():
        entries[path] = {"type": "file", "path": path, "oid": file.blob_id, "size": file.size}
        if file.lfs:
            entries[path]["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": len(file.pointer)}
    return dict(sorted(entries.items()))


def describe_commit(commit: Commit) -> Description:
    return {
        "id": commit.id,
        "title": commit.title,
        "message": commit.message,
        "date": time_text(commit.date),
        "authors": [{"user": commit.author}],
    }


def describe_refs(repo: Repo, *, with_pull_requests: bool) -> Description:
    def refs(names: dict[str, str], prefix: str) -> list[Description]:
        return [
            {"name": name, "ref": prefix + name, "targetCommit": commit} for name, commit in names.items()
        ]

    description: Description = {
        "branches": refs(repo.branches, "refs/heads/"),
        "tags": refs(repo.tags, "refs/tags/"),
        "converts": [],
    }
    if with_pull_requests:
        description["pullRequests"] = refs(repo.pull_requests, "")
    return description


def _card(commit: Commit) -> Description:
    readme = commit.files.get("README.md")
    try:
        return read_card(readme.content.decode()) if readme else {}
    except (InvalidCard, UnicodeDecodeError):
        return {}  # as the Hub does with a README that git, not its API, has brought


def _tags(card: Description) -> list[str]:
    tags = card.get("tags", [])
    tags = [tags] if isinstance(tags, str) else list(tags)
    tags += [card["library_name"]] if "library_name" in card else []
    return tags + ([f"license:{card['license']}"] if "license" in card else [])
