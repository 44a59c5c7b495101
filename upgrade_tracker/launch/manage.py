"""`start.py manage …`: one management command with the services up.

Attaches to the instance that runs on the same data folder; where none runs, starts the
services for the duration of the command, in a migrated database. Standard output is the
command's alone.
"""

import os
from pathlib import Path

from upgrade_tracker.launch import commands
from upgrade_tracker.launch.environment import SHARED, local_environment
from upgrade_tracker.launch.instance import alone_in, remove_note, running_environment
from upgrade_tracker.launch.local import prepare, start_services
from upgrade_tracker.launch.places import PYTHON, ROOT, data_folder
from upgrade_tracker.launch.processes import Child, Crew
from upgrade_tracker.launch.stopping import uninterrupted

# These look at the migrations themselves, or at no database at all.
AS_IT_IS = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "check", "help", "--help"}


def main(arguments: list[str]) -> int:
    folder = data_folder()
    command = [PYTHON, str(ROOT / "manage.py"), *arguments]
    running = running_environment(folder)
    if running is not None:
        environment = local_environment(folder, port=commands.DEFAULT_PORT)
        chosen = {name: os.environ[name] for name in SHARED if os.environ.get(name)}
        os.execve(PYTHON, command, {**environment, **running, **chosen})
    with alone_in(folder):
        return run_alone(command, folder, migrated=not AS_IT_IS & {*arguments[:1]})


def run_alone(command: list[str], folder: Path, *, migrated: bool) -> int:
    crew = Crew()
    try:
        environment = start_services(crew, folder, port=commands.DEFAULT_PORT)
        if migrated:
            prepare(environment, folder, with_demo=False)
        return in_foreground(command, environment)
    finally:
        with uninterrupted():
            crew.stop()
            remove_note(folder)


def in_foreground(command: list[str], environment: dict[str, str]) -> int:
    """Shares our terminal, folder and standard streams; Ctrl-C is the command's to answer."""
    child = Child(name="Command", command=command, environment=environment, own_session=False)
    child.start()
    try:
        if child.process is not None:
            return child.process.wait()
    except KeyboardInterrupt:
        child.ask_to_stop()
        child.wait_stopped()
    return 130
