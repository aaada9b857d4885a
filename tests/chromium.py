"""Finds a Chromium for the browser tests; `python -m tests.chromium` installs one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Path of a Chromium: DIGITS_TEST_CHROMIUM, else the system's own, else Playwright's, else None."""
    named = os.environ.get("DIGITS_TEST_CHROMIUM")
    if named:
        return named
    for name in _NAMES:
        path = shutil.which(name)
        if path:
            return path
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _install_playwrights() -> bool:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, capture_output=True, timeout=300, check=False).returncode == 0


def _install_debians() -> bool:
    apt = shutil.which("apt-get")
    if apt is None:
        return False
    may = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if may and not shutil.which("sudo"):
        return False
    steps = ([apt, "update"], [apt, "install", "--yes", "--no-install-recommends", "chromium"])
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return all(
        subprocess.run([*may, *step], env=environment, capture_output=True, check=False).returncode == 0
        for step in steps
    )


def main() -> int:
    """Makes sure that there is a Chromium; returns the exit code."""
    if find_chromium():
        return 0
    print("No Chromium found; installing one for the browser tests...")
    for install in (_install_playwrights, _install_debians):
        if install() and find_chromium():
            return 0
    print(
        "error: the browser tests need Chromium, and neither Playwright nor apt-get could install it; "
        "install it by hand, or name one in DIGITS_TEST_CHROMIUM",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
