"""Access: API key, rate limit, CORS, security headers, and the settings for them."""

import gc
import re
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import limits
import pytest
from playwright.sync_api import Page
from pydantic import SecretStr
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient

from app.application import create_app
from app.settings import Settings, SettingsError, load_settings
from tests.app.ui.pen import Pen

EMPTY = {"pixels": [[0]]}
KEY = "correct horse battery"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Everything that may be requested without the key: health checks, documentation and what the page loads.
OPEN = {("POST", "/gradio_api/component_server/")} | {
    (method, path)
    for method in ("GET", "HEAD")
    for path in (
        *("/", "/favicon.ico", "/robots.txt", "/service_worker.js", "/theme.css"),
        *("/docs", "/docs/oauth2-redirect", "/openapi.json", "/static-offline-docs/x"),
        *("/assets/x", "/static/x", "/ui/x", "/ui/constants.js"),
        *("/health/live", "/health/ready", "/v2", "/v2/health/live", "/v2/health/ready"),
    )
}

StartApp = Callable[..., TestClient]


@pytest.fixture
def start_app() -> Iterator[StartApp]:
    """Starts the app with settings: `start_app(api_key=...)`."""
    with ExitStack() as started:
        yield lambda **given: started.enter_context(TestClient(create_app(Settings(ui=False, **given))))


@pytest.fixture(scope="module")
def page_client() -> Iterator[TestClient]:
    """The app with the page, a key and a rate limit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Gradio has deprecated parts, and leaves an event loop open
        with ThreadPoolExecutor(1) as pool:
            settings = Settings(api_key=SecretStr(KEY), rate_limit=limits.parse("1000000/minute"))
            app = pool.submit(create_app, settings).result()
        gc.collect()
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without settings."""
    for name in [f"DIGITS_{name.upper()}" for name in Settings.model_fields]:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_programs_need_the_key(start_app: StartApp) -> None:
    """With a key set, API routes require it in either of the usual headers."""
    client = start_app(api_key=KEY)
    for path in ("/api/predict", "/api/explain", "/v2/models/digits/infer"):
        response = client.post(path, json=EMPTY)
        assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    refused = client.get("/metrics")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
    assert client.post("/api/predict", json=EMPTY, headers={"X-API-Key": KEY[:-1]}).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"X-API-Key": KEY},
        {"Authorization": "Bearer hf_token_of_a_private_space", "X-API-Key": KEY},
        {"Authorization": f"Bearer {KEY}", "X-API-Key": "another key"},
    ],
)
def test_either_header_may_have_the_key(start_app: StartApp, headers: dict[str, str]) -> None:
    """A request with the key in one header is accepted, whatever the other header has."""
    assert start_app(api_key=KEY).post("/api/predict", json=EMPTY, headers=headers).status_code == 200


def _list_routes(routes: list[BaseRoute]) -> Iterator[str]:
    """Return the paths of all routes, those of mounted applications and included routers too."""
    for route in routes:
        if isinstance(route, Mount):
            yield route.path + "/x"
            yield from (route.path + path for path in _list_routes(route.routes))
        elif router := getattr(route, "original_router", None):
            yield from _list_routes(router.routes)
        else:
            yield re.sub(r"{.*?}", "x", getattr(route, "path", ""))


def test_every_route_that_is_not_open_needs_the_key(page_client: TestClient) -> None:
    """With the page on, only the listed routes respond without the key, Gradio's included."""
    app: Any = page_client.app
    paths = sorted({path for path in _list_routes(app.routes) if path})
    assert {path for _, path in OPEN} <= set(paths)
    assert "/gradio_api/run/x" in paths
    responses = {
        (method, path): page_client.request(method, path).status_code for path in paths for method in METHODS
    }
    assert {each for each, status in responses.items() if status != 401} == OPEN
    assert page_client.get("/config", headers={"X-API-Key": KEY}).status_code == 200


@pytest.mark.parametrize(
    "path", ["run/read_picture", "api/read_picture", "call/read_picture", "queue/join", "mcp/"]
)
@pytest.mark.parametrize(
    "prefix",
    [
        "/gradio_api/",
        "/gradio_api//",
        "//gradio_api/",
        "/GRADIO_API/",
        "/gradio%5fapi/",
        "/ui/%2e%2e/gradio_api/",
    ],
)
@pytest.mark.parametrize("suffix", ["", "/", "?x=1", "%3f", "/x"])
def test_tool_is_closed_however_its_path_is_written(
    page_client: TestClient, prefix: str, path: str, suffix: str
) -> None:
    """Case, slashes and percent-encoding open no route that calls a function."""
    response = page_client.post(prefix + path + suffix, json={"data": ["", "auto"], "fn_index": 0})
    assert response.status_code in (401, 404, 405)


def test_page_reads_without_the_key(page_client: TestClient) -> None:
    """The page's own function is open, and it is the only one."""
    app: Any = page_client.app
    gradio: Any = app.routes[-1]
    while not hasattr(gradio, "get_blocks"):
        gradio = getattr(gradio, "app", None) or gradio._app
    components = gradio.get_blocks().blocks
    [pad] = [key for key, block in components.items() if hasattr(block, "read_drawing")]
    request = {"component_id": pad, "session_hash": "x", "fn_name": "read_drawing", "data": "none"}
    assert "unreadable" in page_client.post("/gradio_api/component_server/", json=request).text
    request["fn_name"] = "postprocess"
    assert page_client.post("/gradio_api/component_server/", json=request).status_code == 404


def test_rate_limit_gives_the_seconds_to_wait(start_app: StartApp) -> None:
    """Beyond the limit a client gets 429 with Retry-After; health checks are not limited."""
    client = start_app(rate_limit="3/minute")
    for _ in range(3):
        assert client.post("/api/predict", json=EMPTY).status_code == 200
    response = client.post("/api/predict", json=EMPTY)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "too_many")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize(
    ("addresses", "status"),
    [
        (("192.0.2.1", "192.0.2.2"), 200),
        (("::ffff:192.0.2.1", "::ffff:192.0.2.2"), 200),
        (("::ffff:192.0.2.1", "192.0.2.1"), 429),
        (("2001:db8::1", "2001:db8:0:1::1"), 200),
        (("2001:db8::1", "2001:db8::2"), 429),
    ],
)
def test_each_client_has_its_own_limit(addresses: tuple[str, str], status: int) -> None:
    """A client is an IPv4 address, also when it is mapped to IPv6, or an IPv6 network of 64 bits."""
    app = create_app(Settings(ui=False, rate_limit=limits.parse("1/day")))  # a minute may end here
    with TestClient(app, client=(addresses[0], 1)) as first:
        assert first.get("/api/model").status_code == 200
        assert first.get("/api/model").status_code == 429
        assert TestClient(app, client=(addresses[1], 1)).get("/api/model").status_code == status


def test_pages_of_named_origins_may_call_the_api(start_app: StartApp) -> None:
    """A page of a named origin sees responses and refusals; other pages, and any by default, do not."""
    client = start_app(cors_origins="https://example.org, https://example.com", api_key=KEY)
    preflight = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    allowed = client.options("/api/predict", headers=preflight)
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://example.com"
    refused = client.post("/api/predict", json=EMPTY, headers={"Origin": "https://example.com"})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "https://example.com"
    assert "Inference-Header-Content-Length" in refused.headers["Access-Control-Expose-Headers"]
    other = client.options("/api/predict", headers=preflight | {"Origin": "https://example.net"})
    by_default = start_app().post("/api/predict", json=EMPTY, headers={"Origin": "https://example.org"})
    for refused in (other, by_default):
        assert "Access-Control-Allow-Origin" not in refused.headers


@pytest.mark.parametrize("path", ["/api/model", "/api/nothing", "/docs"])
def test_every_response_has_security_headers(client: TestClient, path: str) -> None:
    """Responses and errors alike forbid sniffing, referrers and content of other servers."""
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://huggingface.co" in headers["Content-Security-Policy"]


@pytest.mark.slow
def test_page_works_within_its_policy_and_cannot_leave_it(page: Page, pen: Pen) -> None:
    """The policy allows everything that the page does, and no request to another server."""
    page.evaluate(
        """() => {
            window.violations = [];
            addEventListener("securitypolicyviolation", (event) => violations.push(event.blockedURI));
        }"""
    )
    pen.draw([[(0.5, 0.2), (0.5, 0.8)]])
    page.wait_for_function("() => document.querySelector('#answer').textContent === '1'")
    assert page.evaluate("violations") == []
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => null)")
    page.wait_for_function("() => violations.length > 0")  # reported in a later task than the refusal
    assert page.evaluate("violations") == ["http://127.0.0.1:9/"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", "short"),
        ("api_key", "schlüssel"),
        ("api_key", " with blanks "),
        ("rate_limit", "often"),
        ("rate_limit", "0/minute"),
        ("rate_limit", "5/0 minutes"),
        ("rate_limit", "5/minute;1/second"),
        ("rate_limit", "5/fortnight"),
        ("cors_origins", "example.org"),
        ("max_concurrency", "0"),
        ("port", "seven"),
        ("ui", "maybe"),
        ("log_level", "loud"),
        ("model_repo", "digits"),
        ("model_refresh_seconds", "-1"),
    ],
)
def test_invalid_value_is_an_error(name: str, value: str, no_settings: pytest.MonkeyPatch) -> None:
    """The error names the variable; it repeats the value unless it is a key, even a wrong one."""
    no_settings.setenv(f"DIGITS_{name.upper()}", value)
    with pytest.raises(SettingsError, match=f"DIGITS_{name.upper()}") as error:
        load_settings()
    assert (value in str(error.value)) == (name != "api_key")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("DIGITS_API_KEYS", "DIGITS_API_KEY"), ("digits_workres", "DIGITS_WORKERS"), ("DIGITS_X", "--help")],
)
def test_unknown_variable_is_an_error(name: str, nearest: str, no_settings: pytest.MonkeyPatch) -> None:
    """A misspelt variable stops the start, since a server without its key would be open to all."""
    no_settings.setenv(name, "correct horse battery")
    with pytest.raises(SettingsError, match=f"{name}.*{nearest}") as error:
        load_settings()
    assert "correct horse" not in str(error.value)
