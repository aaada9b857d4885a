"""Local web servers for the static page, and for the model as the Hub serves it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from app.model.release import BUNDLED_RELEASE
from space.model import READER_FILES, ModelCommit, open_release
from space.static_space.page import write_static_page

REPO = "ann/digits"
REVISION = "0123456789" * 4
READER_PATHS = tuple(f"{REPO}/resolve/{REVISION}/{name}" for name in READER_FILES)


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")  # as the Hub does
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serve_folder(folder: Path, *, port: int = 0) -> Iterator[str]:
    """Serve a folder as `python -m http.server` does, and give its address, which ends with a slash."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def write_page(folder: Path, *, endpoint: str, release: Path = BUNDLED_RELEASE) -> Path:
    """Write the page as it is deployed, with its model at `endpoint`."""
    folder.mkdir(parents=True)
    commit = ModelCommit(REPO, REVISION, f"{endpoint}{REPO}")
    write_static_page(folder, model=open_release(release, REPO, commit))
    return folder


def put_readers(folder: Path, *, release: Path = BUNDLED_RELEASE) -> None:
    """Copy a release's readers to the paths that the Hub gives them."""
    for path in (folder / name for name in READER_PATHS):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((release / path.name).read_bytes())
