"""What the Hub answers to who uploads: how to send each file, the LFS transfer, the commit."""

import hashlib
import json
import secrets
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.hub.access import signed_in
from tests.hub.asking import address, body_of, holder_of, part, repo_address, repo_to_write, size_in, text_in
from tests.hub.card import InvalidCard, check_card
from tests.hub.objects import LARGEST_REGULAR_FILE, File, belongs_in_lfs
from tests.hub.refusals import BadRequest, Forbidden
from tests.hub.store import Repo

FORBIDDEN_PARTS = {"", ".", "..", ".git"}
LFS_JSON = "application/vnd.git-lfs+json"


@dataclass(frozen=True)
class Announced:
    """An LFS upload that the Hub expects."""

    repo: Repo
    oid: str  # sha256
    size: int  # bytes


async def preupload(request: Request) -> Response:
    """Say for each file whether it goes to LFS. No `.gitignore` is applied: nothing is ever ignored."""
    repo, _ = repo_to_write(request)
    commit = repo.resolve(part(request, "revision"))
    answers = []
    for asked in (await body_of(request)).get("files", []):
        path, size = text_in(asked, "path"), size_in(asked)
        there = commit.files.get(path)
        answers.append(
            {
                "path": path,
                "uploadMode": "lfs" if belongs_in_lfs(path, size) else "regular",
                "shouldIgnore": False,
                "oid": there.etag if there else None,
            }
        )
    return JSONResponse({"files": answers, "commitOid": commit.id})


async def lfs_batch(request: Request) -> Response:
    repo, _ = repo_to_write(request)
    body = await body_of(request)
    if body.get("operation") != "upload" or "basic" not in body.get("transfers", ["basic"]):
        raise BadRequest("This stand-in knows basic uploads only")
    answers = []
    for asked in body.get("objects", []):
        oid, size = text_in(asked, "oid"), size_in(asked)
        answer: dict[str, Any] = {"oid": oid, "size": size}
        if oid not in repo.objects:
            key = secrets.token_hex(16)
            request.app.state.announced[key] = Announced(repo, oid, size)
            answer["actions"] = {
                "upload": {"href": f"{address(request)}/lfs/upload/{key}"},
                "verify": {"href": f"{address(request)}/lfs/verify/{key}"},
            }
        answers.append(answer)
    return JSONResponse({"transfer": "basic", "objects": answers}, media_type=LFS_JSON)


async def lfs_upload(request: Request) -> Response:
    announced = _announced(request)
    content = await request.body()
    if len(content) != announced.size or hashlib.sha256(content).hexdigest() != announced.oid:
        raise BadRequest("The upload is not what was announced")
    announced.repo.objects[announced.oid] = content
    return Response()


async def lfs_verify(request: Request) -> Response:
    signed_in(holder_of(request))  # the upload itself needs no token: its address is the secret
    announced = _announced(request)
    body = await body_of(request)
    stored = announced.repo.objects.get(announced.oid)
    if stored is None or body.get("oid") != announced.oid or body.get("size") != len(stored):
        raise BadRequest("The object was not uploaded")
    return JSONResponse({})


async def commit(request: Request) -> Response:
    repo, holder = repo_to_write(request)
    header, *operations = _lines(await request.body())
    if header["key"] != "header":
        raise BadRequest("The first line must be the header")
    said = header["value"]
    as_pull_request = request.query_params.get("create_pr") == "1"
    made, ref = repo.commit(
        dict(
            _addition(repo, line["key"], line["value"]) for line in operations if "deleted" not in line["key"]
        ),
        deletions=[_deletion(line["key"], line["value"]) for line in operations if "deleted" in line["key"]],
        branch=part(request, "revision"),
        title=text_in(said, "summary"),
        message=said.get("description") or "",
        author=holder.user,
        parent=said.get("parentCommit"),
        as_pull_request=as_pull_request,
    )
    base = repo_address(request, repo.id, repo.type)
    answer = {"success": True, "commitOid": made.id, "commitUrl": f"{base}/commit/{made.id}"}
    if as_pull_request:
        answer["pullRequestUrl"] = f"{base}/discussions/{ref.rpartition('/')[2]}"
    return JSONResponse(answer)


def _announced(request: Request) -> Announced:
    known: dict[str, Announced] = request.app.state.announced
    key = part(request, "key")
    if key not in known:
        raise Forbidden("The upload was not announced")
    return known[key]


def _lines(body: bytes) -> list[dict[str, Any]]:
    try:
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
    except ValueError as error:
        raise BadRequest("A line is not JSON") from error
    if not lines or not all(
        isinstance(line, dict) and isinstance(line.get("value"), dict) and "key" in line for line in lines
    ):
        raise BadRequest('Each line must have a "key" and a "value"')
    return lines


def _deletion(key: str, value: dict[str, Any]) -> str:
    path = _checked_path(text_in(value, "path").rstrip("/"))
    return path + "/" if key == "deletedFolder" else path


def _addition(repo: Repo, key: str, value: dict[str, Any]) -> tuple[str, File]:
    path = _checked_path(text_in(value, "path"))
    if key == "file":
        return path, _regular_file(repo, path, value)
    if key == "lfsFile":
        return path, _lfs_file(repo, value)
    raise BadRequest(f"Unknown operation: {key}")


def _checked_path(path: str) -> str:
    if FORBIDDEN_PARTS & set(path.split("/")):
        raise BadRequest(f"Invalid path: {path}")
    return path


def _regular_file(repo: Repo, path: str, value: dict[str, Any]) -> File:
    try:
        content = b64decode(value["content"], validate=True)
        if value.get("encoding") != "base64":
            raise BadRequest('"encoding" must be "base64"')
        if path == "README.md":
            check_card(content.decode(), repo.type)
    except InvalidCard as invalid:
        raise BadRequest(f"Invalid metadata in README.md: {invalid}") from invalid
    except (KeyError, ValueError) as error:
        raise BadRequest(f"{path} is not what it says it is") from error
    if len(content) > LARGEST_REGULAR_FILE:
        raise BadRequest(f"{path} is too large for a regular file: use LFS")
    return File(content, lfs=False)


def _lfs_file(repo: Repo, value: dict[str, Any]) -> File:
    content = repo.objects.get(text_in(value, "oid"))
    if content is None or value.get("algo") != "sha256" or value.get("size", len(content)) != len(content):
        raise BadRequest(f"LFS pointer pointed to a file that does not exist: {value['path']}")
    return File(content, lfs=True)


API = "/api/{kind}/{owner}/{name}"

ROUTES = [
    Route(API + "/preupload/{revision}", preupload, methods=["POST"]),
    Route(API + "/commit/{revision}", commit, methods=["POST"]),
    Route("/{owner}/{name}.git/info/lfs/objects/batch", lfs_batch, methods=["POST"]),
    Route("/{kind}/{owner}/{name}.git/info/lfs/objects/batch", lfs_batch, methods=["POST"]),
    Route("/lfs/upload/{key}", lfs_upload, methods=["PUT"]),
    Route("/lfs/verify/{key}", lfs_verify, methods=["POST"]),
]
