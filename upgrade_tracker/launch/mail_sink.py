"""Finds Postfix's `smtp-sink` for benchmarks: one that is there, else from Debian's package.

The package is unpacked, not installed: a benchmark must not start a mail server on the machine.
"""

import os
import shlex
import shutil
from pathlib import Path

from upgrade_tracker.launch.browser import quietly
from upgrade_tracker.launch.places import data_folder
from upgrade_tracker.launch.say import doing

NAME = "smtp-sink"


def path_with_sink() -> str:
    """A PATH for the benchmark; without the program where none can be had, which it then says."""
    tools = data_folder() / "tools"
    path = os.pathsep.join([str(tools), os.environ.get("PATH", os.defpath), "/usr/sbin"])
    if not shutil.which(NAME, path=path) and shutil.which("apt-get"):
        _fetch(tools)
    return path


def _fetch(tools: Path) -> None:
    with doing("Fetching smtp-sink for the benchmark"):
        package = tools / "postfix"
        package.mkdir(parents=True, exist_ok=True)
        fetch = f"cd {shlex.quote(str(package))} && apt-get download postfix && dpkg-deb -x *.deb ."
        if quietly(["sh", "-c", fetch]) or (
            quietly(["apt-get", "update"]) and quietly(["sh", "-c", fetch])
        ):
            _write_starter(tools, package)


def _write_starter(tools: Path, package: Path) -> None:
    libraries = shlex.quote(str(package / "usr" / "lib" / "postfix"))
    program = shlex.quote(str(package / "usr" / "sbin" / NAME))
    starter = tools / NAME
    starter.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH={libraries} exec {program} "$@"\n')
    starter.chmod(0o755)
