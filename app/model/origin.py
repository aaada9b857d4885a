"""Where the release that is served comes from."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Origin:
    """Where a release comes from.

    Attributes:
        source: the Hub, or the folder that comes with the app.
        repo: `user/name` on the Hub.
        commit: the full commit there.
        url: where people can look at it.
        reason: why this one is served and not what the settings ask for; None when it is.
    """

    source: Literal["hub", "bundled"] = "bundled"
    repo: str | None = None
    commit: str | None = None
    url: str | None = None
    reason: str | None = None
