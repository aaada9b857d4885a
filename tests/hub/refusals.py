"""What the Hub refuses, each with the status and the error code by which its client tells them apart."""

from typing import ClassVar


class Refusal(Exception):
    """A request that the Hub refuses; the message goes into the answer."""

    status: ClassVar[int]
    code: ClassVar[str | None] = None


class RepoNotFound(Refusal):
    """The repo does not exist, or who asks must not know that it does."""

    status = 404
    code = "RepoNotFound"

    def __init__(self) -> None:
        super().__init__("Repository not found")


class RevisionNotFound(Refusal):
    """The repo has no such branch, tag, pull request or commit."""

    status = 404
    code = "RevisionNotFound"

    def __init__(self, revision: str) -> None:
        super().__init__(f"Invalid rev id: {revision}")


class EntryNotFound(Refusal):
    """The commit holds no such file or folder."""

    status = 404
    code = "EntryNotFound"

    def __init__(self, message: str, commit: str) -> None:
        super().__init__(message)
        self.commit = commit


class BadRequest(Refusal):
    """The request says something that is not so, or says it wrongly."""

    status = 400


class InvalidCredentials(Refusal):
    """The token is nobody's. The client knows this by the exact message."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Invalid credentials in Authorization header")


class NotSignedIn(Refusal):
    """Something that needs a token was asked without one."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Invalid username or password.")


class Forbidden(Refusal):
    """The token is good, but not for this."""

    status = 403


class AlreadyExists(Refusal):
    """A repo, branch or tag of this name is there already."""

    status = 409

    def __init__(self, message: str, url: str | None = None) -> None:
        super().__init__(message)
        self.url = url  # of the repo: the client reads it when it was told `exist_ok`


class StaleParent(Refusal):
    """The branch has moved on since the commit's parent."""

    status = 412

    def __init__(self) -> None:
        super().__init__("A commit has happened since. Please refresh and try again.")
