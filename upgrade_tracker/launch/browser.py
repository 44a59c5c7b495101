"""Finds a Chromium for the browser tests: one that is there, else one that can be had."""

import os
import shutil
import subprocess
from pathlib import Path

from upgrade_tracker.launch.places import PYTHON
from upgrade_tracker.launch.say import doing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "No Chromium or Chrome was found and none could be fetched: the browser tests are skipped. "
    "Install one (Debian, Ubuntu: `apt-get install chromium`) or set CHROMIUM_PATH."
)
FETCH_SECONDS = 300


def find() -> str | None:
    chosen = os.environ.get("CHROMIUM_PATH")
    found = [chosen] if chosen else [path for name in NAMES if (path := shutil.which(name))]
    return found[0] if found else playwrights_own()


def find_or_fetch() -> str | None:
    """Asks Playwright, then, as root on Debian, the package manager."""
    found = find()
    if found:
        return found
    with doing("Fetching a Chromium for the browser tests"):
        if quietly([PYTHON, "-m", "playwright", "install", "chromium"]):
            return find()
        if os.geteuid() == 0 and shutil.which("apt-get"):
            quietly(["apt-get", "update"])
            quietly(["apt-get", "install", "-y", "--no-install-recommends", "chromium"])
    return find()


def playwrights_own() -> str | None:
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    found = sorted(Path(folder).glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None


def quietly(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
