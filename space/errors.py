"""What goes wrong while deploying, each in one sentence that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)


class DeployError(RuntimeError):
    """A Space is not deployed; the message is one sentence that says why."""


@contextmanager
def hub_errors_explained(what: str) -> Iterator[None]:
    """Turn the Hub client's errors into DeployError.

    Args:
        what: is asked for, such as "the Space user/name".
    """
    try:
        yield
    except DeployError:
        raise
    except LocalTokenNotFoundError as error:
        raise DeployError(
            "there is no token: log in with `hf auth login`, or set HF_TOKEN to one that may write"
        ) from error
    except OfflineModeIsEnabled as error:
        raise DeployError("HF_HUB_OFFLINE is set, and deploying needs the Hub") from error
    except HfHubHTTPError as error:
        raise DeployError(_explain_answer(error, what)) from error
    except (httpx2.TransportError, LocalEntryNotFoundError) as error:
        cause = str(error) if isinstance(error, httpx2.TransportError) else "no connection"
        raise DeployError(
            f"the Hub does not answer ({cause}); check the network, then give the same command again"
        ) from error
    except HFValidationError as error:
        raise DeployError(f"{what} cannot be called that: {_one_line(str(error))}") from error
    except ValueError as error:  # how the client tells that the Hub does not take a README
        raise DeployError(f"the Hub refuses {what}: {_one_line(str(error))}") from error
    except (RuntimeError, OSError) as error:  # how the client's transfers fail, by LFS and by Xet
        cause = _one_line(f"{error} {error.__cause__ or ''}")
        raise DeployError(f"the transfer broke off ({cause}); give the same command again") from error


def _explain_answer(error: HfHubHTTPError, what: str) -> str:
    said = _one_line(error.server_message or error.response.reason_phrase)
    if isinstance(error, GatedRepoError):
        return f"{what} is gated, and a Space cannot ask for access"
    if isinstance(error, RepositoryNotFoundError):
        return f"{what} does not exist, or is private"
    if isinstance(error, RevisionNotFoundError):
        return f"{what} does not exist: there is no such branch, tag or commit"
    if isinstance(error, RemoteEntryNotFoundError):
        return f"{what} is no release: it has no {error.response.url.path.rpartition('/')[2]}"
    if isinstance(error, DisabledRepoError):
        return f"the Hub has disabled {what}"
    return _explain_status(error.response.status_code, said, what=what)


def _explain_status(status: int, said: str, *, what: str) -> str:
    if status == 401:
        return "the Hub does not know the token; log in with `hf auth login --force`, or set another HF_TOKEN"
    if status == 402:
        return f"the Hub wants a paid plan for {what} ({said}); `--sdk static` is free"
    if status in (403, 429) and ("quota" in said.lower() or "limit" in said.lower()):
        return f"the Hub's limit for your account is reached ({said})"
    if status == 403:
        return f"the token has no right to write to {what} ({said})"
    if status in (409, 412):
        return f"somebody else changed {what} meanwhile ({said}); give the same command again"
    if status == 429 or status >= 500:
        return f"the Hub is busy or broken ({status}: {said}); give the same command again later"
    return f"the Hub refuses {what} ({status}: {said})"


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
