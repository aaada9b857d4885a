"""The app under a path of a reverse proxy: nginx, with the prefix removed and kept."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from gradio_client import Client
from playwright.sync_api import Response, expect

from tests.app.conftest import PAD_IS_READY, OpenPage
from tests.app.served import serve
from tests.app.ui.pen import DIGITS, Pen
from tests.app.ui.tool_clients import TOOLS, call_mcp
from tests.conftest import Digits
from tests.pictures import as_json, encode

pytestmark = pytest.mark.slow

_NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/log; worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    proxy_buffering off;
    server {{
        listen 127.0.0.1:{port};
        proxy_set_header Host $http_host;
        set $prefix /removed;
        proxy_set_header X-Forwarded-Prefix $prefix;
        location /removed/ {{ proxy_pass {server}/; }}
        location /kept/ {{ set $prefix /kept; proxy_pass {server}; }}
    }}
}}
"""


@pytest.fixture(scope="module", params=["removed", "kept"])
def proxied(request: pytest.FixtureRequest, nginx: str) -> str:
    """Return the address of the app behind nginx."""
    return f"{nginx}/{request.param}"


@pytest.fixture(scope="module")
def nginx(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start nginx in front of the app, and return its address."""
    if _NGINX is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "nginx.conf").write_text(_CONFIGURATION.format(folder=folder, port=port, server=server))
    with subprocess.Popen([_NGINX, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=5)) as client:
            client.get(f"{url}/kept/health/live")
        yield url
        process.terminate()


def test_page_reads_under_a_prefix(nginx: str, open_page: OpenPage) -> None:
    """Nothing that the page loads is missing, and a drawing is read."""
    page = open_page(f"{nginx}/removed/")
    loaded: list[Response] = []
    page.on("response", lambda response: loaded.append(response))  # Playwright marks its handlers
    page.reload()
    page.wait_for_function(PAD_IS_READY)
    Pen(page).draw(DIGITS["1"])
    expect(page.locator("#answer")).to_have_text("1")
    assert len(loaded) > 10
    assert [response.url for response in loaded if response.status >= 400] == []


def test_api_documentation_and_clients_work_under_a_prefix(proxied: str, digits: Digits) -> None:
    """A picture is read, the documentation names the prefix, and both tools are listed."""
    image = as_json(encode(digits.images[0]))
    assert httpx2.post(f"{proxied}/api/predict", json=image).json()["text"] == "7"
    prefix = f"/{Path(proxied).name}"
    assert httpx2.get(f"{proxied}/openapi.json").json()["servers"] == [{"url": prefix}]
    assert f'"{prefix}/static-offline-docs/' in httpx2.get(f"{proxied}/docs").text
    assert "error" in httpx2.get(f"{proxied}/v2/nothing").json()
    client = Client(f"{proxied}/", verbose=False, analytics_enabled=False)
    assert client.predict(image=image["image"], api_name="/read_picture")["text"] == "7"
    tools = call_mcp(proxied, lambda session: session.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS


def test_links_are_https_where_the_proxy_ends_tls(nginx: str) -> None:
    """The page names its own address as the visitor's browser knows it."""
    page = httpx2.get(f"{nginx}/removed/", headers={"X-Forwarded-Proto": "https"}).text
    assert nginx.replace("http:", "https:") + "/removed" in page
    assert "http://" not in page


def test_prefix_of_the_settings_and_of_trusted_proxies_only() -> None:
    """The setting is the prefix, except where a trusted proxy names one."""
    given = {"X-Forwarded-Prefix": "/given"}

    def find_prefix(url: str) -> str:
        return str(httpx2.get(f"{url}/openapi.json", headers=given).json()["servers"][0]["url"])

    with serve({}, root_path="/digits/") as app:
        assert find_prefix(app.url) == "/given"
        assert httpx2.get(f"{app.url}/digits/api/model").status_code == 200
    with serve({"FORWARDED_ALLOW_IPS": "192.0.2.1"}, root_path="/digits") as app:
        assert find_prefix(app.url) == "/digits"
