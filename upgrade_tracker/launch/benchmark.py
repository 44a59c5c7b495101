"""`start.py benchmark NAME [--json]`: one script of benchmarks/ against servers of its own.

The servers keep their durability on, for a figure without it would be nobody's figure.
"""

from upgrade_tracker.launch import commands
from upgrade_tracker.launch.environment import local_environment
from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.mail_sink import path_with_sink
from upgrade_tracker.launch.manage import in_foreground
from upgrade_tracker.launch.places import PYTHON, ROOT
from upgrade_tracker.launch.processes import Crew
from upgrade_tracker.launch.say import doing
from upgrade_tracker.launch.servers import start_servers, throw_away_folder
from upgrade_tracker.launch.stopping import uninterrupted

NEED_SINK = {"sending", "million"}


def main(arguments: list[str]) -> int:
    names = sorted(
        path.stem for path in (ROOT / "benchmarks").glob("*.py") if not path.stem.startswith("_")
    )
    if not arguments or arguments[0] not in names:
        raise LaunchError(f"Name a benchmark: {', '.join(names)}.")
    crew = Crew()
    with throw_away_folder() as folder:
        try:
            with doing("Starting PostgreSQL and Valkey for the benchmark"):
                servers = start_servers(crew, folder)
            environment = {**local_environment(folder, port=commands.DEFAULT_PORT), **servers}
            if arguments[0] in NEED_SINK:
                environment["PATH"] = path_with_sink()
            command = [PYTHON, "-m", f"benchmarks.{arguments[0]}", *arguments[1:]]
            return in_foreground(command, environment)
        finally:
            with uninterrupted():
                crew.stop()
