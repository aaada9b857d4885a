"""Who may ask, and how often: keys, limits, other sites' pages, and what a browser is told."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import limits
import pytest
from playwright.sync_api import Page
from starlette.testclient import TestClient

from app.application import create_app
from app.settings import Settings, SettingsError, load_settings
from tests.app.pen import Pen

EMPTY = {"pixels": [[0]]}
KEY = "correct horse battery"

StartApp = Callable[..., TestClient]


@pytest.fixture
def start_app() -> Iterator[StartApp]:
    """Starts the app with settings: `start_app(api_key=...)`."""
    with ExitStack() as started:
        yield lambda **given: started.enter_context(TestClient(create_app(Settings(ui=False, **given))))


def test_programs_need_the_key(start_app: StartApp) -> None:
    """With a key set, every route for programs asks for it; both usual headers carry it."""
    client = start_app(api_key=KEY)
    for path in ("/api/predict", "/api/explain", "/v2/models/digits/infer"):
        answer = client.post(path, json=EMPTY)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    refused = client.get("/metrics")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
    assert client.post("/api/predict", json=EMPTY, headers={"X-API-Key": KEY[:-1]}).status_code == 401
    for headers in ({"Authorization": f"Bearer {KEY}"}, {"X-API-Key": KEY}):
        assert client.post("/api/predict", json=EMPTY, headers=headers).status_code == 200


def test_health_needs_no_key(start_app: StartApp) -> None:
    """A supervisor that knows no key learns whether the server lives and is ready."""
    client = start_app(api_key=KEY)
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 200


def test_client_that_asks_too_often_is_told_when_to_come_again(start_app: StartApp) -> None:
    """Beyond the limit a client gets 429 with the seconds to wait, and health is told all the same."""
    client = start_app(rate_limit="3/minute")
    for _ in range(3):
        assert client.post("/api/predict", json=EMPTY).status_code == 200
    answer = client.post("/api/predict", json=EMPTY)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("addresses", [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:1::1")])
def test_each_client_has_a_limit_of_its_own(addresses: tuple[str, str]) -> None:
    """What one address asks is not held against another."""
    app = create_app(Settings(ui=False, rate_limit=limits.parse("1/minute")))
    with TestClient(app, client=(addresses[0], 1)) as first:
        assert first.get("/api/model").status_code == 200
        assert first.get("/api/model").status_code == 429
        assert TestClient(app, client=(addresses[1], 1)).get("/api/model").status_code == 200


def test_addresses_of_one_ipv6_network_are_one_client() -> None:
    """Who has a whole network of addresses has one limit for them all."""
    app = create_app(Settings(ui=False, rate_limit=limits.parse("1/minute")))
    with TestClient(app, client=("2001:db8::1", 1)) as first:
        assert first.get("/api/model").status_code == 200
        assert TestClient(app, client=("2001:db8::2", 1)).get("/api/model").status_code == 429


def test_pages_of_named_origins_may_ask(start_app: StartApp) -> None:
    """A browser on a page of a named origin may ask, and read why it was refused; on others it may not."""
    client = start_app(cors_origins="https://example.org, https://example.com", api_key=KEY)
    asking = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    allowed = client.options("/api/predict", headers=asking)
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://example.com"
    refused = client.post("/api/predict", json=EMPTY, headers={"Origin": "https://example.com"})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "https://example.com"
    assert "Inference-Header-Content-Length" in refused.headers["Access-Control-Expose-Headers"]
    other = client.options("/api/predict", headers=asking | {"Origin": "https://example.net"})
    assert "Access-Control-Allow-Origin" not in other.headers


def test_without_setting_no_other_page_may_ask(client: TestClient) -> None:
    """By default no page of another origin gets an answer that its browser would show it."""
    answer = client.post("/api/predict", json=EMPTY, headers={"Origin": "https://example.org"})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/api/model", "/api/nothing", "/docs"])
def test_every_answer_tells_the_browser_to_be_careful(client: TestClient, path: str) -> None:
    """Answers and errors alike forbid to guess types, to tell where one came from, to load from others."""
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://huggingface.co" in headers["Content-Security-Policy"]


def test_page_works_within_its_policy_and_cannot_leave_it(page: Page, pen: Pen) -> None:
    """All that the page does is allowed to it, and asking another server is not."""
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
    page.wait_for_function("() => violations.length > 0")  # told in a task of its own, after the refusal
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
    ],
)
def test_setting_that_makes_no_sense_is_told(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong value is told by the variable's name; a key, even a wrong one, is not repeated."""
    monkeypatch.setenv(f"DIGITS_{name.upper()}", value)
    with pytest.raises(SettingsError, match=f"DIGITS_{name.upper()}") as told:
        load_settings()
    assert (value in str(told.value)) == (name != "api_key")
