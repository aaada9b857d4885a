"""What the Hub answers about accounts and whole repos: who am I, create, delete, settings, check a README."""

from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.hub.access import check_writing, signed_in
from tests.hub.asking import body_of, holder_of, repo_address, repo_to_write, store_of, text_in
from tests.hub.card import SDKS, InvalidCard, check_card
from tests.hub.refusals import AlreadyExists, BadRequest
from tests.hub.space import Setting
from tests.hub.store import RepoType


async def who_am_i(request: Request) -> Response:
    holder = signed_in(holder_of(request))
    return JSONResponse(
        {
            "type": "user",
            "id": holder.user,
            "name": holder.user,
            "fullname": holder.user,
            "isPro": False,
            "orgs": [],
            "auth": {
                "type": "access_token",
                "accessToken": {"displayName": "test", "role": holder.role},
            },
        }
    )


async def create(request: Request) -> Response:
    body = await body_of(request)
    holder = signed_in(holder_of(request))
    namespace = body.get("organization") or holder.user
    check_writing(holder, namespace)
    repo_id, repo_type = f"{namespace}/{text_in(body, 'name')}", _repo_type(body.get("type", "model"))
    sdk = body.get("sdk")
    if repo_type == "space" and sdk not in SDKS:
        raise BadRequest(f'"sdk" must be one of {", ".join(SDKS)}')
    address = repo_address(request, repo_id, repo_type)
    private = _private(body) or False
    try:
        repo = store_of(request).create(repo_id, repo_type, author=holder.user, private=private, sdk=sdk)
    except AlreadyExists as exists:
        raise AlreadyExists(str(exists), address) from exists
    if repo.space is not None:
        repo.space.hardware = body.get("hardware") or repo.space.hardware
        repo.space.variables.update(_settings(body.get("variables", [])))
        repo.space.secrets.update(_settings(body.get("secrets", [])))
    return JSONResponse({"url": address, "name": repo_id, "id": repo_id})


async def delete(request: Request) -> Response:
    body = await body_of(request)
    holder = signed_in(holder_of(request))
    namespace = body.get("organization") or holder.user
    check_writing(holder, namespace)
    store = store_of(request)
    repo_type = _repo_type(body.get("type", "model"))
    store.delete(store.repo(f"{namespace}/{text_in(body, 'name')}", repo_type))
    return Response("OK")


async def settings(request: Request) -> Response:
    repo, _ = repo_to_write(request)
    private = _private(await body_of(request))
    if private is None:
        raise BadRequest('This stand-in knows one setting only: "visibility"')
    repo.private = private
    return JSONResponse({"private": private})


async def validate_yaml(request: Request) -> Response:
    body = await body_of(request)
    holder_of(request)  # none is needed, but a bad token is refused
    try:
        warnings = check_card(body.get("content") or "", _repo_type(body.get("repoType") or "model"))
    except InvalidCard as invalid:
        errors = [{"message": line} for line in str(invalid).splitlines()]
        return JSONResponse({"errors": errors, "warnings": []}, 400)
    return JSONResponse({"errors": [], "warnings": [{"message": warning} for warning in warnings]})


def _repo_type(name: Any) -> RepoType:
    for repo_type in get_args(RepoType):
        if repo_type == name:
            return repo_type  # type: ignore[no-any-return]  # get_args forgets the type
    raise BadRequest(f"Invalid repo type: {name}")


def _private(body: dict[str, Any]) -> bool | None:
    """Return whether a body asks for a private repo, None if it does not say."""
    visibility = body.get("visibility")
    if visibility not in (None, "public", "private"):
        raise BadRequest(f"Invalid visibility: {visibility}")
    return None if visibility is None else visibility == "private"


def _settings(listed: list[dict[str, Any]]) -> dict[str, Setting]:
    return {
        text_in(setting, "key"): Setting(text_in(setting, "value"), setting.get("description"))
        for setting in listed
    }


ROUTES = [
    Route("/api/whoami-v2", who_am_i),
    Route("/api/repos/create", create, methods=["POST"]),
    Route("/api/repos/delete", delete, methods=["DELETE"]),
    Route("/api/validate-yaml", validate_yaml, methods=["POST"]),
    Route("/api/{kind}/{owner}/{name}/settings", settings, methods=["PUT"]),
]
