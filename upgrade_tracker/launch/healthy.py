"""Health probes for containers: exit 0 when the process beside us does its work.

    python -m upgrade_tracker.launch.healthy web|worker|beat

The web server answers /readyz; a worker answers a ping; beat has written its schedule lately.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

BEAT_SECONDS = 600  # beat writes its schedule every three minutes


def web() -> bool:
    """Asked under the public name, for Django refuses every other."""
    host = urlsplit(os.environ["SITE_URL"]).hostname or ""
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    request = urllib.request.Request("http://127.0.0.1:8000/readyz", headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own address
        status: int = answer.status
        return status == 200


def worker() -> bool:
    celery = [sys.executable, "-m", "celery", "--app", "upgrade_tracker", "inspect", "ping"]
    name = f"celery@{socket.gethostname()}"
    command = [*celery, "--destination", name, "--timeout", "5"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def beat() -> bool:
    files = Path(os.environ.get("UPGRADE_TRACKER_VAR", "var")).glob("celerybeat-schedule*")
    return any(time.time() - path.stat().st_mtime < BEAT_SECONDS for path in files)


PROBES = {"web": web, "worker": worker, "beat": beat}

if __name__ == "__main__":
    sys.exit(0 if PROBES[sys.argv[1]]() else 1)
