"""How long a start takes: cold (a new data folder), warm, and after `kill -9`.

    python3 start.py benchmark start [--json]

Prints seconds from the command to `/readyz` answering 200, without the demo, and after how
many seconds none of its processes is left after the kill.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from upgrade_tracker.launch.places import ROOT
from upgrade_tracker.launch.ports import free_port

PATIENCE = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    with tempfile.TemporaryDirectory(prefix="upgrade-tracker-start-") as name:
        folder = Path(name) / "data"
        figures = {
            "cold_seconds": start_and_end(folder, signal.SIGTERM),
            "warm_seconds": start_and_end(folder, signal.SIGTERM),
            "warm_again_seconds": start_and_end(folder, signal.SIGKILL),
            "none_left_after_seconds": until_none_left(folder),
            "after_kill_seconds": start_and_end(folder, signal.SIGTERM),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
        }
    if as_json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:24} {figure:8.2f}")


def start_and_end(folder: Path, number: signal.Signals) -> float:
    port = free_port()
    environment = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "start.py"), "run", "--empty", "--port", str(port)],
        env={**environment, "UPGRADE_TRACKER_VAR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(port, process)
        return time.monotonic() - started
    finally:
        process.send_signal(number)
        process.wait()


def wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    sys.exit("The instance did not become ready; run `python3 start.py` to see why.")


def until_none_left(folder: Path) -> float:
    killed = time.monotonic()
    while is_left(folder) and time.monotonic() - killed < PATIENCE:
        time.sleep(0.02)
    return time.monotonic() - killed


def is_left(folder: Path) -> bool:
    mark = f"UPGRADE_TRACKER_VAR={folder}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes():
                return True
        except OSError:
            continue
    return False


if __name__ == "__main__":
    main()
