"""What the Hub answers to who changes refs, or a Space's settings."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.hub.asking import body_of, part, repo_to_read, repo_to_write, text_in
from tests.hub.descriptions import describe_runtime
from tests.hub.refusals import RepoNotFound
from tests.hub.space import Setting, Space


async def create_tag(request: Request) -> Response:
    repo, _ = repo_to_write(request)
    repo.add_tag(text_in(await body_of(request), "tag"), part(request, "revision"))
    return Response("OK")


async def delete_tag(request: Request) -> Response:
    repo, _ = repo_to_write(request)
    repo.delete_tag(part(request, "revision"))
    return Response("OK")


async def create_branch(request: Request) -> Response:
    repo, _ = repo_to_write(request)
    start = (await body_of(request)).get("startingPoint") or "main"
    repo.add_branch(part(request, "branch"), start)
    return Response("OK")


async def delete_branch(request: Request) -> Response:
    repo, _ = repo_to_write(request)
    repo.delete_branch(part(request, "branch"))
    return Response("OK")


async def runtime(request: Request) -> Response:
    repo = repo_to_read(request)
    if repo.space is None:
        raise RepoNotFound
    description = describe_runtime(repo)
    repo.space.pass_stage()
    return JSONResponse(description)


async def variables(request: Request) -> Response:
    """Answer any method with the variables that there are afterwards."""
    variables = _space(request).variables
    await _change(request, variables)
    return JSONResponse(
        {key: {"value": held.value, "description": held.description} for key, held in variables.items()}
    )


async def secrets(request: Request) -> Response:
    """Answer any method with the names of the secrets that there are afterwards."""
    secrets = _space(request).secrets
    await _change(request, secrets)
    return JSONResponse({key: {"description": held.description} for key, held in secrets.items()})


def _space(request: Request) -> Space:
    repo, _ = repo_to_write(request)
    if repo.space is None:
        raise RepoNotFound
    return repo.space


async def _change(request: Request, settings: dict[str, Setting]) -> None:
    if request.method not in ("POST", "DELETE"):
        return
    body: dict[str, Any] = await body_of(request)
    if request.method == "POST":
        settings[text_in(body, "key")] = Setting(text_in(body, "value"), body.get("description"))
    else:
        settings.pop(text_in(body, "key"), None)


API = "/api/{kind}/{owner}/{name}"
SETTING_METHODS = ["GET", "POST", "DELETE"]

ROUTES = [
    Route(API + "/tag/{revision}", create_tag, methods=["POST"]),
    Route(API + "/tag/{revision}", delete_tag, methods=["DELETE"]),
    Route(API + "/branch/{branch}", create_branch, methods=["POST"]),
    Route(API + "/branch/{branch}", delete_branch, methods=["DELETE"]),
    Route(API + "/runtime", runtime),
    Route(API + "/variables", variables, methods=SETTING_METHODS),
    Route(API + "/secrets", secrets, methods=SETTING_METHODS),
]
