"""`start.py lock [--upgrade]`: compiles the locks from pyproject.toml and package.json.

Hashes for every platform, and no index address, header or annotation, so that a lock installs
from whatever index a machine is set to. uv lives in a folder that is thrown away afterwards.
"""

import os
import subprocess
import tempfile
import venv
from pathlib import Path

from upgrade_tracker.launch.assets import npm
from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.places import ROOT
from upgrade_tracker.launch.say import doing

# The largest first: the others take their versions from it.
LOCKS = {
    "requirements-dev.txt": ("local", "dev"),
    "requirements-local.txt": ("local",),
    "requirements.txt": (),
}
FLAGS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
)


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="upgrade-tracker-lock-") as folder:
        with doing("Fetching uv"):
            venv.create(folder, with_pip=True)
            python = Path(folder) / "bin" / "python"
            execute([str(python), "-m", "pip", "install", "--quiet", "uv"])
        for name, extras in LOCKS.items():
            with doing(f"Compiling {name}"):
                execute(compile_command(python, name, extras, arguments))
    with doing("Compiling package-lock.json"):
        npm("install", "--package-lock-only")
    return 0


def compile_command(
    python: Path, name: str, extras: tuple[str, ...], arguments: list[str]
) -> list[str]:
    largest = next(iter(LOCKS))
    return [
        *[str(python), "-m", "uv", "pip", "compile", "pyproject.toml", *FLAGS],
        *[word for extra in extras for word in ("--extra", extra)],
        *(arguments if name == largest else ["--constraints", largest]),
        *["--output-file", name],
    ]


def execute(command: list[str]) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LaunchError(f"Locking failed:\n{(done.stderr or done.stdout).strip()}")
