"""What the Hub answers to who reads: repos, trees, commits, refs and files."""

import re
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.hub.asking import part, repo_to_read
from tests.hub.descriptions import (
    describe_commit,
    describe_entries,
    describe_refs,
    describe_repo,
)
from tests.hub.objects import File
from tests.hub.refusals import EntryNotFound

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
TRUE = ("true", "True", "1")  # the client writes Python's True as "true", and 1 itself


async def repo(request: Request) -> Response:
    repo = repo_to_read(request)
    revision = part(request, "revision") if "revision" in request.path_params else "main"
    with_sizes = request.query_params.get("blobs") in TRUE
    return JSONResponse(describe_repo(repo, repo.resolve(revision), with_sizes=with_sizes))


async def tree(request: Request) -> Response:
    commit = repo_to_read(request).resolve(part(request, "revision"))
    folder = part(request, "path").strip("/") if "path" in request.path_params else ""
    entries = describe_entries(commit)
    if folder and entries.get(folder, {}).get("type") != "directory":
        raise EntryNotFound(f"{folder} does not exist on {commit.id}", commit.id)
    inside = [entry for path, entry in entries.items() if not folder or path.startswith(folder + "/")]
    if request.query_params.get("recursive") not in TRUE:
        inside = [entry for entry in inside if PurePosixPath(entry["path"]).parent == PurePosixPath(folder)]
    return JSONResponse(inside)


async def paths_info(request: Request) -> Response:
    commit = repo_to_read(request).resolve(part(request, "revision"))
    entries = describe_entries(commit)
    async with request.form() as form:
        paths = [str(path).strip("/") for path in form.getlist("paths")]
    return JSONResponse([entries[path] for path in paths if path in entries])


async def commits(request: Request) -> Response:
    history = repo_to_read(request).history(part(request, "revision"))
    return JSONResponse([describe_commit(commit) for commit in history])


async def refs(request: Request) -> Response:
    repo = repo_to_read(request)
    wanted = request.query_params.get("include_prs") in TRUE
    return JSONResponse(describe_refs(repo, with_pull_requests=wanted))


async def file(request: Request) -> Response:
    commit = repo_to_read(request).resolve(part(request, "revision"))
    path = part(request, "path")
    if path not in commit.files:
        raise EntryNotFound("Entry not found", commit.id)
    file = commit.files[path]
    headers = {"X-Repo-Commit": commit.id, "ETag": f'"{file.etag}"', "Accept-Ranges": "bytes"}
    if file.lfs:
        headers |= {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(file.size)}
    return _slice(file, request.headers.get("Range"), headers=headers)


def _slice(file: File, asked: str | None, *, headers: dict[str, str]) -> Response:
    """Answer with the file, or with the part that a Range header asks for."""
    match = RANGE.fullmatch(asked or "")
    if match is None or match.group() == "bytes=-":
        return Response(file.content, 200, headers, "application/octet-stream")
    first, last = match.groups()
    start = int(first) if first else max(0, file.size - int(last))
    end = min(file.size, int(last) + 1) if first and last else file.size
    if start >= end:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{file.size}"})
    headers = {**headers, "Content-Range": f"bytes {start}-{end - 1}/{file.size}"}
    return Response(file.content[start:end], 206, headers, "application/octet-stream")


API = "/api/{kind}/{owner}/{name}"

ROUTES = [
    Route(API, repo),
    Route(API + "/revision/{revision}", repo),
    Route(API + "/tree/{revision}", tree),
    Route(API + "/tree/{revision}/{path:path}", tree),
    Route(API + "/paths-info/{revision}", paths_info, methods=["POST"]),
    Route(API + "/commits/{revision}", commits),
    Route(API + "/refs", refs),
    Route("/{owner}/{name}/resolve/{revision}/{path:path}", file),
    Route("/{kind}/{owner}/{name}/resolve/{revision}/{path:path}", file),
]
