"""What goes wrong with the Hub, each in one sentence that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)


class PublishError(RuntimeError):
    """A release is not published; the message is one sentence that says why."""


@contextmanager
def hub_errors_explained(repo_id: str) -> Iterator[None]:
    """Turns the Hub client's errors about a repo into PublishError."""
    try:
        yield
    except LocalTokenNotFoundError as error:
        raise PublishError(
            "there is no token: log in with `hf auth login`, or set HF_TOKEN to one that may write"
        ) from error
    except OfflineModeIsEnabled as error:
        raise PublishError("HF_HUB_OFFLINE is set, and publishing needs the Hub") from error
    except HfHubHTTPError as error:
        raise PublishError(_explain_answer(error, repo_id)) from error
    except (httpx2.TransportError, LocalEntryNotFoundError) as error:
        cause = str(error) if isinstance(error, httpx2.TransportError) else "no connection"
        raise PublishError(
            f"the Hub does not answer ({cause}); check the network, then give the same command again"
        ) from error
    except HFValidationError as error:
        raise PublishError(f"{repo_id} cannot be the name of a repo: {error}") from error
    except PublishError:
        raise
    except (RuntimeError, OSError) as error:  # how the client's uploads fail, by LFS and by Xet
        cause = " ".join(f"{error} {error.__cause__ or ''}".split()).rstrip(".")
        raise PublishError(f"the upload broke off ({cause}); give the same command again") from error


def _explain_answer(error: HfHubHTTPError, repo_id: str) -> str:
    status = error.response.status_code
    said = " ".join((error.server_message or error.response.reason_phrase).split()).rstrip(".")
    if status == 412:
        return f"somebody else pushed to {repo_id} meanwhile; look at what it holds now, then publish again"
    if status == 409:
        return f"somebody else created the same in {repo_id} meanwhile ({said}); publish again"
    if status == 403:
        return f"the token has no right to write to {repo_id} ({said})"
    if status == 401 and not isinstance(error, RepositoryNotFoundError):
        return "the Hub does not know the token; log in with `hf auth login --force`, or set another HF_TOKEN"
    if isinstance(error, RepositoryNotFoundError):
        return f"there is no model repo {repo_id} that the token may see"
    if status == 429 or status >= 500:
        return f"the Hub is busy or broken ({status}: {said}); give the same command again later"
    return f"the Hub refuses the request ({status}: {said})"
