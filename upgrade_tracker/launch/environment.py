"""What every process of a local installation is told. What the user has set always wins."""

import os
from collections.abc import Mapping
from pathlib import Path

from upgrade_tracker.launch.keys import local_keys
from upgrade_tracker.launch.places import ROOT

# The names a running instance shares with `start.py manage` through its note.
SHARED = (
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "MAILBOX_DIR",
    "MAIL_ALLOW_LIST",
    "SITE_URL",
    "SECRET_KEY",
    "LINK_KEYS",
    "DEVELOPMENT",
    "UPGRADE_TRACKER_VAR",
)
# The demo's people and accounts; through a mail server of the user's they get nothing.
DEMO_PEOPLE = "!@nordwind.example,!@demo.example"


def local_environment(folder: Path, *, port: int) -> dict[str, str]:
    """The environment of a development instance, apart from the addresses of its servers."""
    keys = local_keys(folder)
    ours = {
        "DEVELOPMENT": "1",
        "DJANGO_SETTINGS_MODULE": "upgrade_tracker.settings",
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": keys["SECRET_KEY"],
        "LINK_KEYS": keys["LINK_KEYS"],
        "SITE_URL": f"http://127.0.0.1:{port}",
        **({"MAIL_ALLOW_LIST": DEMO_PEOPLE} if os.environ.get("EMAIL_URL") else {}),
    }
    return {**ours, **os.environ, "UPGRADE_TRACKER_VAR": str(folder), "PYTHONPATH": str(ROOT)}


def bare_environment() -> dict[str, str]:
    """For PostgreSQL and Valkey: no secrets, no locale, none of the PG… variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def shared(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in SHARED if name in environment}


def demo_password(folder: Path) -> str:
    return os.environ.get("DEMO_PASSWORD") or local_keys(folder)["DEMO_PASSWORD"]
