"""The stand-in's web app: all routes, and how a refusal is answered."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.hub import routes_account, routes_read, routes_upload, routes_write
from tests.hub.access import Access
from tests.hub.refusals import AlreadyExists, EntryNotFound, Refusal
from tests.hub.store import Store


def create_hub_app(store: Store, access: Access) -> Starlette:
    """Return the app that serves the store's repos to the tokens of `access`."""
    app = Starlette(
        # Those with fixed names come first: /api/repos/create has the form of a repo's own address.
        routes=[*routes_account.ROUTES, *routes_upload.ROUTES, *routes_write.ROUTES, *routes_read.ROUTES],
        exception_handlers={Refusal: _refuse},
    )
    app.state.store = store
    app.state.access = access
    app.state.announced = {}
    return app


async def _refuse(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)  # the one kind that this is registered for
    message = str(refusal)
    # A header holds one line of Latin-1.
    headers = {"X-Error-Message": " ".join(message.split()).encode("latin-1", "replace").decode("latin-1")}
    if refusal.code is not None:
        headers["X-Error-Code"] = refusal.code
    if isinstance(refusal, EntryNotFound):
        headers["X-Repo-Commit"] = refusal.commit
    body = {"error": message}
    if isinstance(refusal, AlreadyExists) and refusal.url is not None:
        body["url"] = refusal.url
    return JSONResponse(body, refusal.status, headers)
