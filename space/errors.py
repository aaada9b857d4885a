"""Expected errors of a deployment, as one-line messages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub import errors

_BY_TYPE: dict[type[errors.HfHubHTTPError], str] = {  # subclasses before their bases
    errors.GatedRepoError: "{what} is gated; use a model without gated access",
    errors.RepositoryNotFoundError: "{what} does not exist or is private",
    errors.RevisionNotFoundError: "{what} does not exist: there is no such branch, tag or commit",
    errors.RemoteEntryNotFoundError: "{what} is not a release: it has no {file}",
    errors.DisabledRepoError: "{what} is disabled by the Hub",
}
_CHANGED = "{what} was changed by somebody else in the meantime ({cause}); run the command again"
_BY_STATUS = {
    401: "the Hub rejects the token; log in with `hf auth login --force`, or set another HF_TOKEN",
    402: "the Hub requires a paid plan for {what} ({cause}); `--sdk static` is free",
    403: "the token has no write access to {what} ({cause})",
    409: _CHANGED,
    412: _CHANGED,
}


class DeployError(RuntimeError):
    """A Space cannot be deployed; the message is one line."""


@contextmanager
def explain_hub_errors(what: str) -> Iterator[None]:
    """Turn errors of the Hub's client into DeployError, which names `what`, as in "the Space user/name"."""
    try:
        yield
    except DeployError:
        raise
    except errors.LocalTokenNotFoundError as error:
        message = "no token: log in with `hf auth login`, or set HF_TOKEN to a token with write access"
        raise DeployError(message) from error
    except errors.OfflineModeIsEnabled as error:
        raise DeployError("HF_HUB_OFFLINE is set, but deploying needs the Hub") from error
    except errors.HfHubHTTPError as error:
        raise DeployError(_explain_response(error, what)) from error
    except (httpx2.TransportError, errors.LocalEntryNotFoundError) as error:
        cause = str(error) if isinstance(error, httpx2.TransportError) else "no connection"
        raise DeployError(f"no response from the Hub ({cause}); check the network and try again") from error
    except errors.HFValidationError as error:
        raise DeployError(f"invalid name of {what}: {_one_line(str(error))}") from error
    except ValueError as error:  # raised by the client when the Hub rejects a README
        raise DeployError(f"the Hub rejects {what}: {_one_line(str(error))}") from error
    except (RuntimeError, OSError) as error:  # raised by the client's transfers over LFS and Xet
        cause = _one_line(f"{error} {error.__cause__ or ''}")
        raise DeployError(f"the transfer failed ({cause}); run the command again") from error


def _explain_response(error: errors.HfHubHTTPError, what: str) -> str:
    status = error.response.status_code
    cause = _one_line(error.server_message or error.response.reason_phrase)
    by_type = (message for kind, message in _BY_TYPE.items() if isinstance(error, kind))
    message = next(by_type, None) or _BY_STATUS.get(status, "the Hub rejects {what} ({status}: {cause})")
    if status in (403, 429) and re.search("quota|limit", cause, re.IGNORECASE):
        message = "your account has reached a limit of the Hub ({cause})"
    elif status == 429 or status >= 500:
        message = "the Hub is overloaded or broken ({status}: {cause}); run the command again later"
    file = error.response.url.path.rpartition("/")[2]
    return message.format(what=what, status=status, cause=cause, file=file)


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
