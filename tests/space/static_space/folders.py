"""Folders on the web: the written page, and the model as the Hub would give it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from app.model.release import BUNDLED_RELEASE
from space.model import READER_FILE, PinnedModel
from space.static_space import write_static_space

REPO = "ann/digits"
REVISION = "0123456789" * 4
TITLE = "Handwritten digits"
READER_PATH = f"{REPO}/resolve/{REVISION}/{READER_FILE}"


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")  # as the Hub does, whose files any page may read
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve_folder(folder: Path, *, port: int = 0) -> Iterator[str]:
    """Serve a folder as `python -m http.server` does; its address ends with a slash."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def write_page(folder: Path, *, endpoint: str, release: Path = BUNDLED_RELEASE) -> Path:
    """Write the page as it is deployed, with a model that `endpoint` gives."""
    folder.mkdir(parents=True)
    model = PinnedModel(REPO, REVISION, endpoint.rstrip("/"), release)
    write_static_space(folder, model=model, title=TITLE)
    return folder


def put_reader(folder: Path, content: bytes) -> None:
    """Lay the reader's file where the Hub has it."""
    path = folder / READER_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
