"""start.py itself: what it says when a piece is missing. Each case is a process of its own."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = ROOT / "start.py"
PRETEND = "import runpy, sys, os; {change}; runpy.run_path({path!r}, run_name='__main__')"


def start(*arguments: str, change: str = "pass", path: Path = START, **environment: str) -> str:
    """What start.py says on its way to exit code 1."""
    script = PRETEND.format(
        change=f"sys.argv = {['start.py', *arguments]!r}; {change}", path=str(path)
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1, done.stderr
    return done.stderr


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A clone without an environment, as far as start.py looks at it."""
    shutil.copy(START, tmp_path)
    for lock in ROOT.glob("requirements*.txt"):
        shutil.copy(lock, tmp_path)
    return tmp_path / "start.py"


def test_start_can_be_read_by_old_pythons_and_needs_nothing_installed() -> None:
    tree = ast.parse(START.read_text(), feature_version=(3, 6))
    imported = {
        name.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported - set(sys.stdlib_module_names) == set()


def test_old_python_is_told_so() -> None:
    assert start(change="sys.version_info = (3, 8, 10)") == (
        "start.py: This is Python 3.8, and 3.11 or newer is needed. Install it and call it by "
        "name, for example `python3.11 start.py`.\n"
    )


def test_windows_is_pointed_to_wsl_or_compose() -> None:
    said = start(change="import subprocess, threading; os.name = 'nt'")
    assert said == (
        "start.py: Windows is not supported directly. Use WSL (Ubuntu), or `docker compose up`.\n"
    )


def test_unknown_command_lists_the_commands() -> None:
    assert start("strat") == (
        "start.py: There is no command 'strat'. Choose one of: "
        "run, setup, test, lint, manage, benchmark, lock, assets.\n"
    )


def test_missing_ensurepip_names_the_package(fresh: Path) -> None:
    said = start("setup", change="sys.modules['ensurepip'] = None", path=fresh)
    package = f"python3.{sys.version_info.minor}-venv"
    assert said.splitlines()[-1] == (
        f"start.py: This Python cannot set up pip. Debian, Ubuntu: `apt-get install {package}`."
    )


def test_missing_network_is_one_sentence(fresh: Path) -> None:
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    said = start("setup", path=fresh, PIP_RETRIES="1", **nowhere)
    assert said.splitlines()[-1] == (
        "start.py: The packages could not be fetched: no connection to the package index. Check "
        "the network or pip's settings (proxy, index), then start again."
    )
    assert not (fresh.parent / ".venv" / "stamp").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_clone_is_one_sentence(fresh: Path) -> None:
    fresh.parent.chmod(0o500)
    assert "Clone into a folder of yours." in start("setup", path=fresh)
