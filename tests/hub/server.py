"""The stand-in for the Hugging Face Hub that tests hold: start, fill, look into, make fail, stop."""

import socket
import threading
import time
from collections.abc import Mapping

import uvicorn
from starlette.types import Scope

from tests.hub.access import Access, Role
from tests.hub.application import create_hub_app
from tests.hub.faults import Asked, Fault, Faults, FaultyServer
from tests.hub.objects import Commit, File, belongs_in_lfs
from tests.hub.refusals import RepoNotFound
from tests.hub.store import RepoType, Store

POLL = 0.005  # seconds


class Hub:
    """A Hub on a free port of this machine, empty, in a thread of this process.

    Attributes:
        url: Its address, for `HF_ENDPOINT`.
        store: What it holds, for what the methods here do not show, such as a Space's variables.
        requests: What it was asked, in the order of the answers.
    """

    def __init__(self) -> None:
        self.store = Store()
        self.requests: list[Asked] = []
        self._access = Access()
        self._faults = Faults()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        app = FaultyServer(
            create_hub_app(self.store, self._access),
            faults=self._faults,
            log=self.requests,
            close=self._close,
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                app, http="h11", loop="asyncio", lifespan="off", log_config=None, log_level="error"
            )
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the stand-in for the Hub did not start"
            time.sleep(POLL)

    def stop(self) -> None:
        """End all connections, and refuse new ones. What it holds can still be looked at.

        Not for a fault's callback: the server waits for those.
        """
        if not self._thread.is_alive():
            return
        for connection in list(self._server.server_state.connections):
            connection.loop.call_soon_threadsafe(connection.transport.abort)
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()

    def token(self, user: str = "ann", role: Role = "write") -> str:
        """Return a new token of a user, who need not exist before."""
        return self._access.give(user, role)

    def commit(
        self,
        repo_id: str,
        files: Mapping[str, bytes],
        *,
        repo_type: RepoType = "model",
        branch: str = "main",
        message: str = "Add files",
    ) -> str:
        """Add a commit with files by path, in a new public repo if there is none yet.

        Returns:
            The commit's full sha1.
        """
        author = repo_id.split("/")[0]
        try:
            repo = self.store.repo(repo_id, repo_type)
        except RepoNotFound:
            sdk = "gradio" if repo_type == "space" else None
            repo = self.store.create(repo_id, repo_type, author=author, sdk=sdk)
        additions = {
            path: File(content, lfs=belongs_in_lfs(path, len(content))) for path, content in files.items()
        }
        made, _ = repo.commit(additions, branch=branch, title=message, author=author)
        return made.id

    def tag(self, repo_id: str, tag: str, *, revision: str = "main", repo_type: RepoType = "model") -> None:
        self.store.repo(repo_id, repo_type).add_tag(tag, revision)

    def files(
        self, repo_id: str, *, revision: str = "main", repo_type: RepoType = "model"
    ) -> dict[str, bytes]:
        """Return all files of a revision by path, `.gitattributes` of the first commit included."""
        files = self.store.repo(repo_id, repo_type).resolve(revision).files
        return {path: file.content for path, file in files.items()}

    def history(self, repo_id: str, *, revision: str = "main", repo_type: RepoType = "model") -> list[Commit]:
        """Return a revision's commits, newest first; the last is the Hub's own "initial commit"."""
        return self.store.repo(repo_id, repo_type).history(revision)

    def inject(self, fault: Fault) -> None:
        """Let requests fail from now on; of several faults for one request, the first is taken."""
        self._faults.inject(fault)

    def heal(self) -> None:
        """Take all faults back."""
        self._faults.heal()

    def _close(self, scope: Scope, at_once: bool) -> None:
        """End a request's connection: at once, or when all that was written is sent."""
        for connection in self._server.server_state.connections:
            transport = connection.transport
            if transport.get_extra_info("peername") == scope["client"]:
                (transport.abort if at_once else transport.close)()
