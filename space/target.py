"""The Space to deploy to, and the Hub's terms for its kind."""

import re
from dataclasses import dataclass
from typing import Literal

from space.errors import DeployError

Sdk = Literal["docker", "gradio", "static"]

TERMS: dict[Sdk, str] = {
    "docker": "Docker Spaces need a paid plan on the Hub; `--sdk static` is free.",
    "gradio": "Gradio Spaces need a paid plan on the Hub, except up to two on ZeroGPU (`--zero-gpu`) for "
    "accounts older than 30 days; `--sdk static` is free.",
    "static": "Static Spaces are free.",
}


@dataclass(frozen=True)
class Target:
    """The Space to deploy to; `private` and `zero_gpu` apply to a new Space only."""

    repo: str  # user/name
    sdk: Sdk
    private: bool = False
    zero_gpu: bool = False

    def __post_init__(self) -> None:
        """Raise DeployError for an invalid name, or for hardware that this kind of Space cannot have."""
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", self.repo, re.ASCII):
            raise DeployError(f"invalid name of a Space: {self.repo!r}; use user/name")
        if self.zero_gpu and self.sdk != "gradio":
            raise DeployError(f"--zero-gpu needs `--sdk gradio`, not {self.sdk}")

    @property
    def app_url(self) -> str:
        """Address of the app in the Space, without the Hub's page around it."""
        return f"https://{re.sub('[^a-z0-9]+', '-', self.repo.lower())}.hf.space"
