"""Which repo, revision and rights a request asks for."""

from typing import Any, cast
from urllib.parse import unquote

from starlette.requests import Request

from tests.hub.access import Access, Holder, check_reading, check_writing
from tests.hub.refusals import BadRequest, RepoNotFound
from tests.hub.store import Repo, RepoType, Store

REPO_TYPES: dict[str, RepoType] = {"models": "model", "datasets": "dataset", "spaces": "space"}
PREFIXES: dict[RepoType, str] = {"model": "", "dataset": "datasets/", "space": "spaces/"}


def holder_of(request: Request) -> Holder | None:
    access: Access = request.app.state.access
    return access.holder(request.headers.get("Authorization"))


def store_of(request: Request) -> Store:
    return cast(Store, request.app.state.store)


def part(request: Request, name: str) -> str:
    """Return a part of the path, unquoted: the client quotes the slashes of revisions and paths."""
    return unquote(cast(str, request.path_params[name]))


def repo_to_read(request: Request) -> Repo:
    """Return the repo in the path, if who asks may read it.

    Raises:
        RepoNotFound: If not, or if there is none.
    """
    holder = holder_of(request)
    kind = request.path_params.get("kind", "models")
    if kind not in REPO_TYPES:
        raise RepoNotFound
    repo = store_of(request).repo(f"{part(request, 'owner')}/{part(request, 'name')}", REPO_TYPES[kind])
    check_reading(holder, repo)
    return repo


def repo_to_write(request: Request) -> tuple[Repo, Holder]:
    """Return the repo in the path and who writes, if they may; see `repo_to_read` and `check_writing`."""
    repo = repo_to_read(request)
    return repo, check_writing(holder_of(request), repo.owner)


def repo_address(request: Request, repo_id: str, repo_type: RepoType) -> str:
    return f"{address(request)}/{PREFIXES[repo_type]}{repo_id}"


def address(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


async def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request holds, or raise BadRequest."""
    try:
        body = await request.json()
    except ValueError as error:
        raise BadRequest("The body is not JSON") from error
    if not isinstance(body, dict):
        raise BadRequest("The body is not a JSON object")
    return body


def text_in(body: dict[str, Any], name: str) -> str:
    """Return a text that a body must have, or raise BadRequest."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f'"{name}" must be a non-empty string')
    return value


def size_in(body: dict[str, Any]) -> int:
    """Return a file's size, or raise BadRequest."""
    value = body.get("size")
    if not isinstance(value, int) or value < 0:
        raise BadRequest('"size" must be a number of bytes')
    return value
