"""Finds a Chromium for the browser tests; `python -m tests.chromium` installs it and nginx, if missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the path of Chromium: DIGITS_TEST_CHROMIUM, the system's, Playwright's, or None."""
    named = os.environ.get("DIGITS_TEST_CHROMIUM")
    found = named or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _install_with_apt(package: str) -> bool:
    apt = [*([] if os.geteuid() == 0 else ["sudo", "--non-interactive"]), "apt-get"]
    install = [*apt, "install", "--yes", "--no-install-recommends", package]
    return _succeeds(install) or (_succeeds([*apt, "update"]) and _succeeds(install))


def _succeeds(command: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, env=environment, capture_output=True, timeout=600).returncode == 0
    except (OSError, subprocess.TimeoutExpired):  # such as no apt-get or sudo
        return False


def _install_chromium() -> bool:
    print("No Chromium found; installing one for the browser tests...")
    installed = _succeeds([sys.executable, "-m", "playwright", "install", "chromium"])
    return installed or _install_with_apt("chromium")


def main() -> int:
    """Install a Chromium if there is none, and nginx where that is possible; return the exit code."""
    has_chromium = find_chromium() or (_install_chromium() and find_chromium())
    if not shutil.which("nginx"):
        _install_with_apt("nginx-light")  # its tests are skipped without it
    if has_chromium:
        return 0
    print(
        "error: the browser tests need Chromium, and neither Playwright nor apt-get could install it; "
        "install it by hand, or name one in DIGITS_TEST_CHROMIUM",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
