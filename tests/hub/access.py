"""Tokens, and what whoever holds one may do."""

import secrets
from dataclasses import dataclass
from typing import Literal

from tests.hub.refusals import Forbidden, InvalidCredentials, NotSignedIn, RepoNotFound
from tests.hub.store import Repo

Role = Literal["read", "write"]


@dataclass(frozen=True)
class Holder:
    """Whose token it is and what it is good for."""

    user: str
    role: Role


class Access:
    """The tokens that the Hub has given out."""

    def __init__(self) -> None:
        self._holders: dict[str, Holder] = {}

    def give(self, user: str, role: Role) -> str:
        token = f"hf_{secrets.token_hex(16)}"
        self._holders[token] = Holder(user, role)
        return token

    def holder(self, authorization: str | None) -> Holder | None:
        """Return whose token an Authorization header holds, None without a header.

        Raises:
            InvalidCredentials: If it holds anything but a token of this Hub.
        """
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or token not in self._holders:
            raise InvalidCredentials
        return self._holders[token]


def signed_in(holder: Holder | None) -> Holder:
    """Return the holder, or raise NotSignedIn if there is none."""
    if holder is None:
        raise NotSignedIn
    return holder


def check_writing(holder: Holder | None, namespace: str) -> Holder:
    """Return the holder if it may write to the namespace's repos, or raise NotSignedIn or Forbidden."""
    holder = signed_in(holder)
    if holder.role != "write":
        raise Forbidden("This token has read access only: a token with write access is required")
    if holder.user != namespace:
        raise Forbidden(f"You don't have the required permissions on the namespace {namespace}")
    return holder


def check_reading(holder: Holder | None, repo: Repo) -> None:
    """Raise RepoNotFound for who must not know of a private repo."""
    if repo.private and (holder is None or holder.user != repo.owner):
        raise RepoNotFound
