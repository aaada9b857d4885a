"""The Hub's routes that the client calls in our tests, as a Starlette app."""

import hashlib
import json
import re
from base64 import b64decode
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.hub.card import card_errors
from tests.hub.store import File, HubError, Repo, Store, Token, belongs_in_lfs

DATE = "2026-01-01T00:00:00.000000Z"  # of all commits
LFS_JSON = "application/vnd.git-lfs+json"
RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def create_hub_app(store: Store) -> Starlette:
    """Return the app that serves the repos of a store to the users of its tokens."""
    app = Starlette(routes=ROUTES, exception_handlers={HubError: _respond_with_error})
    app.state.store = store
    return app


async def _respond_with_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)
    return JSONResponse({"error": str(error)}, error.status, error.headers)


async def whoami(request: Request) -> Response:
    token = _token(request)
    if token is None:
        raise HubError(401, "Invalid username or password.")
    auth = {"type": "access_token", "accessToken": {"displayName": "test", "role": token.role}}
    return JSONResponse({"type": "user", "name": token.user, "orgs": [], "auth": auth})


async def validate_yaml(request: Request) -> Response:
    errors = card_errors((await request.json())["content"])
    body = {"errors": [{"message": error} for error in errors], "warnings": []}
    return JSONResponse(body, 400 if errors else 200)


async def create_repo(request: Request) -> Response:
    body = await request.json()
    _check_may_write(_token(request), body["organization"])
    repo_id, private = f"{body['organization']}/{body['name']}", body.get("visibility") == "private"
    repo = _store(request).create(repo_id, body.get("type", "model"), private=private, sdk=body.get("sdk"))
    if repo.space:
        repo.space.hardware = body.get("hardware") or repo.space.hardware
        for variable in body.get("variables", []):
            repo.space.set_variable(variable)
    return JSONResponse({"url": _url(request, repo)})


async def repo_info(request: Request) -> Response:
    repo = _repo(request)
    commit = repo.resolve(request.path_params.get("revision", "main"))
    return JSONResponse({"id": repo.id, "sha": commit.id, "private": repo.private, "tags": []})


async def tree(request: Request) -> Response:
    """Respond with all files: our code always requests a recursive listing."""
    return JSONResponse(_repo(request).resolve(request.path_params["revision"]).entries())


async def commits(request: Request) -> Response:
    repo = _repo(request)
    history = repo.history(request.path_params["revision"])
    shared = {"message": "", "date": DATE, "authors": [{"user": repo.owner}]}
    return JSONResponse([{"id": each.id, "title": each.title, **shared} for each in history])


async def refs(request: Request) -> Response:
    repo = _repo(request)
    tags = [{"name": name, "ref": f"refs/tags/{name}", "targetCommit": id} for name, id in repo.tags.items()]
    return JSONResponse({"branches": [], "tags": tags, "converts": []})


async def create_tag(request: Request) -> Response:
    repo = _repo(request, write=True)
    repo.add_tag((await request.json())["tag"], request.path_params["revision"])
    return Response("OK")


async def download(request: Request) -> Response:
    """Respond with a file, or with the part of it that a Range header names."""
    commit = _repo(request).resolve(request.path_params["revision"])
    file = commit.files.get(request.path_params["path"])
    if file is None:
        raise HubError(404, "Entry not found", code="EntryNotFound", commit=commit.id)
    headers = {"X-Repo-Commit": commit.id, "ETag": f'"{file.etag}"'}
    match = RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None:
        return Response(file.content, 200, headers)
    start, end = int(match[1]), int(match[2] or file.size - 1) + 1
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    return Response(file.content[start:end], 206, headers)


async def preupload(request: Request) -> Response:
    """Respond with the way in which each file must be uploaded."""
    commit = _repo(request, write=True).resolve(request.path_params["revision"])
    files = []
    for file in (await request.json())["files"]:
        path, old = file["path"], commit.files.get(file["path"])
        mode = "lfs" if belongs_in_lfs(path, file["size"]) else "regular"
        files.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": old and old.etag})
    return JSONResponse({"files": files})


async def lfs_batch(request: Request) -> Response:
    """Respond with an upload address for each LFS file that the repo does not have."""
    repo = _repo(request, write=True)
    objects = []
    for item in (await request.json())["objects"]:
        oid = item["oid"]
        upload = {"href": f"{request.base_url}lfs/upload/{repo.type}/{repo.id}/{oid}"}
        objects.append({**item, **({} if oid in repo.objects else {"actions": {"upload": upload}})})
    return JSONResponse({"transfer": "basic", "objects": objects}, media_type=LFS_JSON)


async def lfs_upload(request: Request) -> Response:
    """Store an LFS file. This needs no token: on the Hub, the address is secret."""
    params, content = request.path_params, await request.body()
    if hashlib.sha256(content).hexdigest() != params["oid"]:
        raise HubError(400, "The upload does not have the sha256 of its address")
    repo = _store(request).repo(f"{params['owner']}/{params['name']}", params["kind"])
    repo.objects[params["oid"]] = content
    return Response()


async def create_branch(request: Request) -> Response:
    repo = _repo(request, write=True)
    repo.branches[request.path_params["branch"]] = repo.resolve("main").id
    return Response("OK")


async def commit(request: Request) -> Response:
    """Commit to a branch, or open a pull request with the commit."""
    repo = _repo(request, write=True)
    header, *operations = [json.loads(line) for line in (await request.body()).splitlines()]
    pull_request = len(repo.branches) if request.query_params.get("create_pr") == "1" else None
    deleted = [line["value"]["path"] for line in operations if line["key"] == "deletedFile"]
    made = repo.commit(
        dict(_added_file(repo, line) for line in operations if line["key"] != "deletedFile"),
        deleted=deleted,
        title=header["value"]["summary"],
        message=header["value"].get("description") or "",
        parent=header["value"].get("parentCommit"),
        branch=f"refs/pr/{pull_request}" if pull_request else request.path_params["revision"],
    )
    url = _url(request, repo)
    body = {"commitOid": made.id, "commitUrl": f"{url}/commit/{made.id}"}
    if pull_request:
        body["pullRequestUrl"] = f"{url}/discussions/{pull_request}"
    return JSONResponse(body)


async def space_runtime(request: Request) -> Response:
    space = _repo(request).space
    assert space is not None
    stage, commit = space.next_stage()
    hardware = {"current": space.hardware, "requested": space.hardware}
    body = {"stage": stage, "hardware": hardware, "sha": commit}
    return JSONResponse(body | ({"errorMessage": space.error} if stage.endswith("_ERROR") else {}))


async def space_variables(request: Request) -> Response:
    """Set a variable on POST, delete one on DELETE; respond with all variables."""
    space = _repo(request, write=True).space
    assert space is not None
    if request.method == "POST":
        space.set_variable(await request.json())
    elif request.method == "DELETE":
        del space.variables[(await request.json())["key"]]
    return JSONResponse({key: {"value": variable.value} for key, variable in space.variables.items()})


def _store(request: Request) -> Store:
    return cast(Store, request.app.state.store)


def _token(request: Request) -> Token | None:
    header = request.headers.get("Authorization")
    token = _store(request).tokens.get((header or "").removeprefix("Bearer "))
    if header and token is None:
        raise HubError(401, "Invalid credentials in Authorization header")
    return token


def _repo(request: Request, *, write: bool = False) -> Repo:
    """Return the repo of the path, or raise HubError if the token does not allow to read or write it."""
    token = _token(request)
    params = request.path_params
    repo = _store(request).repo(f"{params['owner']}/{params['name']}", params.get("kind", "model"))
    if repo.private and (token is None or token.user != repo.owner):
        raise HubError(404, "Repository not found", code="RepoNotFound")
    if write:
        _check_may_write(token, repo.owner)
    return repo


def _check_may_write(token: Token | None, owner: str) -> None:
    if token != Token(owner, "write"):
        raise HubError(403, f"The token does not allow to write to the repos of {owner}")


def _url(request: Request, repo: Repo) -> str:
    return f"{request.base_url}{'' if repo.type == 'model' else repo.type + 's/'}{repo.id}"


def _added_file(repo: Repo, line: dict[str, Any]) -> tuple[str, File]:
    path, value = line["value"]["path"], line["value"]
    if line["key"] == "lfsFile":
        return path, File(repo.objects[value["oid"]], lfs=True)
    return path, File(b64decode(value["content"], validate=True), lfs=False)


API = "/api/{kind}s/{owner}/{name}"  # kind: model, dataset or space; below, a path without it is a model's

ROUTES = [
    Route("/api/whoami-v2", whoami),
    Route("/api/validate-yaml", validate_yaml, methods=["POST"]),
    Route("/api/repos/create", create_repo, methods=["POST"]),
    Route(API, repo_info),
    Route(API + "/revision/{revision}", repo_info),
    Route(API + "/tree/{revision}", tree),
    Route(API + "/commits/{revision}", commits),
    Route(API + "/refs", refs),
    Route(API + "/tag/{revision}", create_tag, methods=["POST"]),
    Route(API + "/preupload/{revision}", preupload, methods=["POST"]),
    Route(API + "/branch/{branch}", create_branch, methods=["POST"]),
    Route(API + "/commit/{revision}", commit, methods=["POST"]),
    Route(API + "/runtime", space_runtime),
    Route(API + "/variables", space_variables, methods=["GET", "POST", "DELETE"]),
    Route("/lfs/upload/{kind}/{owner}/{name}/{oid}", lfs_upload, methods=["PUT"]),
    Route("/{owner}/{name}.git/info/lfs/objects/batch", lfs_batch, methods=["POST"]),
    Route("/{kind}s/{owner}/{name}.git/info/lfs/objects/batch", lfs_batch, methods=["POST"]),
    Route("/{owner}/{name}/resolve/{revision}/{path:path}", download),
    Route("/{kind}s/{owner}/{name}/resolve/{revision}/{path:path}", download),
]
