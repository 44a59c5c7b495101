"""Django's own checks for production find nothing to say about our settings."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_deploy_check_is_clean(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    production = {
        "PATH": os.defpath,
        "SECRET_KEY": secrets.token_hex(32),
        "LINK_KEYS": secrets.token_hex(32),
        "SITE_URL": "https://upgrade.example",
        "ALLOWED_HOSTS": "upgrade.example",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "UPGRADE_TRACKER_VAR": str(tmp_path),
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"]
    done = subprocess.run(
        command, cwd=ROOT, env=production, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
