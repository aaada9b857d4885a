"""Which Space is wanted, and what the Hub's rules ask of its kind."""

import re
from dataclasses import dataclass
from typing import Literal

from space.errors import DeployError

Sdk = Literal["docker", "gradio", "static"]
SDKS: tuple[Sdk, ...] = ("docker", "gradio", "static")

RULES: dict[Sdk, str] = {
    "docker": "Docker Spaces need a paid plan on the Hub (PRO, Team or Enterprise); `--sdk static` is free.",
    "gradio": "Gradio Spaces need a paid plan on the Hub (PRO, Team or Enterprise), but for up to two on "
    "ZeroGPU if the account is older than 30 days (`--zero-gpu`); `--sdk static` is free.",
    "static": "Static Spaces are free.",
}

_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


@dataclass(frozen=True)
class Target:
    """The Space that is wanted.

    Attributes:
        repo: `user/name`.
        sdk: how the Hub runs it.
        private: make a new Space private.
        zero_gpu: ask for ZeroGPU hardware for a new Gradio Space.
    """

    repo: str
    sdk: Sdk
    private: bool = False
    zero_gpu: bool = False

    def __post_init__(self) -> None:
        """Refuse what no Space can be.

        Raises:
            DeployError: the name is not like user/name, or the hardware is not for this kind.
        """
        if not _NAME.fullmatch(self.repo):
            raise DeployError(f"{self.repo!r} names no Space; write user/name")
        if self.zero_gpu and self.sdk != "gradio":
            raise DeployError(f"--zero-gpu is for `--sdk gradio` alone, not for {self.sdk}")

    @property
    def address(self) -> str:
        """Where an app in the Space answers, without the Hub's frame around it."""
        return f"https://{re.sub('[^a-z0-9]+', '-', self.repo.lower())}.hf.space"

    def page(self, endpoint: str) -> str:
        """Return the address of the Space's page on the Hub."""
        return f"{endpoint}/spaces/{self.repo}"
