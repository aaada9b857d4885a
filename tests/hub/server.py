"""The stand-in for the Hugging Face Hub: a server in a thread of the test process."""

import socket
import threading
import time
from collections.abc import Mapping

import uvicorn
from starlette.types import Scope

from tests.hub.faults import Fault, FaultMiddleware, RecordedRequest
from tests.hub.routes import create_hub_app
from tests.hub.store import Commit, File, RepoType, Role, Store, Token, belongs_in_lfs

POLL_SECONDS = 0.005


class Hub:
    """A Hub without repos, on a free port of the loopback address.

    Attributes:
        url: The address, for `HF_ENDPOINT`.
        store: The repos.
    """

    def __init__(self) -> None:
        self.store = Store()
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Otherwise each body waits 40 ms for the client's acknowledgement of the head.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._app = FaultMiddleware(create_hub_app(self.store), abort=self._abort)
        config = uvicorn.Config(
            self._app, http="h11", loop="asyncio", lifespan="off", log_config=None, log_level="critical"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)

    @property
    def requests(self) -> list[RecordedRequest]:
        """All requests so far, in the order of the responses."""
        return self._app.requests

    def start(self) -> None:
        """Start the server, and wait until it accepts connections."""
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the stand-in Hub did not start"
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End all connections, and refuse new connections. The repos stay readable through `files`."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()

    def token(self, user: str = "ann", role: Role = "write") -> str:
        """Return a new access token for a user."""
        token = f"hf_{len(self.store.tokens)}"
        self.store.tokens[token] = Token(user, role)
        return token

    def commit(self, repo_id: str, files: Mapping[str, bytes], *, repo_type: RepoType = "model") -> str:
        """Commit files by path to a repo, which is created as a public repo if it does not exist.

        Returns:
            The commit's id, 40 hexadecimal digits.
        """
        if (repo_type, repo_id) not in self.store.repos:
            self.store.create(repo_id, repo_type, sdk="gradio" if repo_type == "space" else None)
        added = {path: File(content, belongs_in_lfs(path, len(content))) for path, content in files.items()}
        return self.store.repo(repo_id, repo_type).commit(added, title="Add files").id

    def tag(self, repo_id: str, tag: str, *, revision: str = "main") -> None:
        """Tag a revision of a model repo."""
        self.store.repo(repo_id).add_tag(tag, revision)

    def files(
        self, repo_id: str, *, revision: str = "main", repo_type: RepoType = "model"
    ) -> dict[str, bytes]:
        """Return all files of a revision by path, with the Hub's own `.gitattributes`."""
        files = self.store.repo(repo_id, repo_type).resolve(revision).files
        return {path: file.content for path, file in files.items()}

    def history(self, repo_id: str, *, repo_type: RepoType = "model") -> list[Commit]:
        """Return the commits of `main`, newest first; the last is the Hub's own "initial commit"."""
        return self.store.repo(repo_id, repo_type).history("main")

    def inject(self, fault: Fault) -> None:
        """Let requests fail from now on."""
        self._app.faults += [fault] * (1 if fault.times is None else fault.times)

    def clear_faults(self) -> None:
        """Let no request fail from now on."""
        self._app.faults.clear()

    def _abort(self, scope: Scope) -> None:
        for connection in self._server.server_state.connections:
            if connection.transport.get_extra_info("peername") == scope["client"]:
                connection.transport.abort()
