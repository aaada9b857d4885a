"""Packages of the npm registry, fetched by npm itself and checked, so that its own configuration holds."""

import base64
import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from space.errors import DeployError

_SECONDS = 300  # until npm is given up: 12 MB over a slow line


@dataclass(frozen=True)
class Package:
    """One version of a package.

    Attributes:
        name: as in the registry, such as `@scope/name`.
        version: exactly this one.
        sha512: of its archive, in base64, as npm's own lock files have it.
    """

    name: str
    version: str
    sha512: str

    @property
    def spec(self) -> str:
        """How npm is asked for it."""
        return f"{self.name}@{self.version}"

    @property
    def file_name(self) -> str:
        """What npm calls its archive."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


def fetch_package(package: Package) -> Path:
    """Return the archive of a package, from the user's cache or else from the registry.

    Raises:
        DeployError: npm is not there, cannot give it, or gives something else.
    """
    cached = _cache_folder() / package.file_name
    if not (cached.is_file() and _is_genuine(cached, package)):
        cached.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cached.parent) as folder:
            fetched = _pack(package, Path(folder))
            if not _is_genuine(fetched, package):
                raise DeployError(f"npm gave another {package.spec} than the one that was tested")
            fetched.replace(cached)  # at once, so that two deployments do not disturb each other
    return cached


def _cache_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "handwritten-digits" / "npm"


def _is_genuine(archive: Path, package: Package) -> bool:
    return hashlib.sha512(archive.read_bytes()).digest() == base64.b64decode(package.sha512)


def _pack(package: Package, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise DeployError(
            f"npm is needed once, to fetch {package.spec} for the page; install Node.js, which brings it"
        )
    command = [npm, "pack", package.spec, "--silent", "--pack-destination", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)  # noqa: S603
    except subprocess.CalledProcessError as error:
        cause = next((line for line in error.stderr.splitlines() if line.strip()), "it says nothing more")
        raise DeployError(f"npm cannot fetch {package.spec} ({cause}); is its registry reachable?") from error
    except subprocess.TimeoutExpired as error:
        raise DeployError(f"npm did not fetch {package.spec} within {_SECONDS} seconds") from error
    return folder / package.file_name
