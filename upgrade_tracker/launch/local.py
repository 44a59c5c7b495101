"""What `run` and `manage` have in common: servers, a mailbox, a migrated database."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from upgrade_tracker.launch import commands
from upgrade_tracker.launch.environment import local_environment, shared
from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.instance import write_note
from upgrade_tracker.launch.places import PYTHON, ROOT
from upgrade_tracker.launch.ports import HOST, answers, free_port
from upgrade_tracker.launch.processes import Child, Crew, guarded
from upgrade_tracker.launch.say import doing
from upgrade_tracker.launch.servers import start_servers

MAILBOX_SECONDS = 20


class Prepared(TypedDict):
    users: bool
    demo: bool
    password_fits: bool
    link: str | None


def start_services(crew: Crew, folder: Path, *, port: int) -> dict[str, str]:
    """Servers and, unless EMAIL_URL is set, the local mailbox; the environment to use them."""
    environment = {**local_environment(folder, port=port), **start_servers(crew, folder)}
    if not os.environ.get("EMAIL_URL"):
        environment.update(start_mailbox(crew, folder, environment))
    write_note(folder, shared(environment))
    return environment


def start_mailbox(crew: Crew, folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    port, maildir = free_port(), folder / "mailbox"
    child = crew.start(
        Child(
            name="Mailbox",
            command=[PYTHON, "-m", "upgrade_tracker.launch.mailbox", str(port), str(maildir)],
            environment=environment,
            log=folder / "log" / "mailbox.log",
        )
    )
    deadline = time.monotonic() + MAILBOX_SECONDS
    while not answers(port):
        if not child.is_running() or time.monotonic() > deadline:
            raise LaunchError(f"The local mailbox does not start.\n{child.last_lines()}")
        time.sleep(0.02)
    return {"EMAIL_URL": f"smtp://{HOST}:{port}", "MAILBOX_DIR": str(maildir)}


def prepare(environment: Mapping[str, str], folder: Path, *, with_demo: bool) -> Prepared:
    """Migrates, and loads the demo into an empty database if asked to."""
    log = folder / "log" / "prepare.log"
    command = commands.with_python(commands.prepare(), PYTHON)
    if with_demo:
        command.append("--demo")
    if not os.environ.get("DATABASE_URL"):
        command.append("--ours")
    what = "Preparing the database" + (" (the demo takes a minute, once)" if with_demo else "")
    with log.open("w") as output, doing(what):
        done = subprocess.run(
            guarded(command),
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            check=False,
        )
    if done.returncode:
        lines = "\n".join(log.read_text().splitlines()[-15:])
        raise LaunchError(f"The database could not be prepared; see {log}.\n{lines}")
    found: Prepared = json.loads(done.stdout)
    return found
