"""Secrets of a local installation: made once, kept in the data folder, readable by its owner."""

import json
import os
import secrets
from pathlib import Path

NAMES = ("SECRET_KEY", "LINK_KEYS", "DATABASE_PASSWORD", "DEMO_PASSWORD")


def local_keys(folder: Path) -> dict[str, str]:
    """The keys of `folder`; missing ones are made and written before anything uses them."""
    path = folder / "keys.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
    missing = [name for name in NAMES if name not in kept]
    if missing:
        kept.update({name: make(name) for name in missing})
        write_private(path, json.dumps(kept, indent=2))
    return kept


def make(name: str) -> str:
    # A password is typed from the screen, a key is not.
    return secrets.token_hex(6) if name == "DEMO_PASSWORD" else secrets.token_hex(32)


def write_private(path: Path, text: str) -> None:
    """All or nothing, and never readable by others, not even for a moment."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
