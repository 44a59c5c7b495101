"""`start.py lint`: every linter, side by side; shows the output of those that complain."""

import subprocess
import time
from collections.abc import Mapping

from upgrade_tracker.launch.places import PYTHON, ROOT
from upgrade_tracker.launch.processes import guarded
from upgrade_tracker.launch.say import say

IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"
CHECKS = {
    "mypy": ["-m", "mypy", "."],
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "import-linter": ["-c", IMPORTS],
    "djlint": ["-m", "djlint", "--lint", "--quiet", "templates"],
}
# mypy's Django plugin reads the settings; no server is asked anything.
NOBODY_HOME = {
    "DEVELOPMENT": "1",
    "DATABASE_URL": "postgres://127.0.0.1/none",
    "REDIS_URL": "redis://127.0.0.1/0",
    "PYTHONPATH": str(ROOT),
}


def lint(environment: Mapping[str, str]) -> list[str]:
    """The names of the checks that failed."""
    started = time.monotonic()
    running = {
        name: subprocess.Popen(
            guarded([PYTHON, *arguments]),
            cwd=ROOT,
            env={**environment, **NOBODY_HOME},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name, arguments in CHECKS.items()
    }
    failed = []
    for name, process in running.items():
        output = patient_output(name, process)
        verdict = "failed" if process.returncode else "ok"
        say(f"lint: {name} {verdict} ({time.monotonic() - started:.0f} s)")
        if process.returncode:
            say(output.rstrip())
            failed.append(name)
    return failed


def patient_output(name: str, process: "subprocess.Popen[str]") -> str:
    while True:
        try:
            return process.communicate(timeout=4)[0]
        except subprocess.TimeoutExpired:
            say(f"lint: waiting for {name} …")
