"""`start.py run`: everything at once for one person on one machine, until Ctrl-C."""

import argparse
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from upgrade_tracker.launch import assets, commands
from upgrade_tracker.launch.environment import demo_password
from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.instance import alone_in, remove_note
from upgrade_tracker.launch.local import Prepared, prepare, start_services
from upgrade_tracker.launch.places import PYTHON, data_folder
from upgrade_tracker.launch.ports import HOST, require_free
from upgrade_tracker.launch.processes import Child, Crew
from upgrade_tracker.launch.say import doing, say
from upgrade_tracker.launch.stopping import uninterrupted

READY_SECONDS = 60
ACCOUNTS = ("admin@demo.example", "manager@demo.example", "viewer@demo.example")


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    folder = data_folder()
    with alone_in(folder):
        require_free(options.port)
        assets.fetch()
        crew = Crew()
        try:
            start(crew, folder, options)
            crew.watch()
        except KeyboardInterrupt:
            say("Stopping …")
        finally:
            with uninterrupted():
                crew.stop()
                remove_note(folder)
        say("Stopped. Everything you did is kept in the data folder.")
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="start.py run", description=__doc__)
    parser.add_argument("--port", type=int, default=commands.DEFAULT_PORT)
    parser.add_argument("--empty", action="store_true", help="load no demo")
    parser.add_argument("--no-workers", action="store_true", help="start no Celery worker and beat")
    return parser.parse_args(arguments)


def start(crew: Crew, folder: Path, options: argparse.Namespace) -> None:
    with doing("Starting PostgreSQL, Valkey and the mailbox"):
        environment = start_services(crew, folder, port=options.port)
    environment["DEMO_PASSWORD"] = demo_password(folder)
    found = prepare(environment, folder, with_demo=not options.empty)
    with doing("Starting the web server"):
        start_process(crew, folder, "Web", commands.web(f"{HOST}:{options.port}"), environment)
        wait_until_ready(crew, options.port)
    if not options.no_workers:
        # After the web server, which somebody waits for; nobody waits for these.
        start_process(crew, folder, "Worker", commands.worker(), environment)
        start_process(crew, folder, "Beat", commands.beat(), environment)
    greet(found, environment, folder)


def start_process(
    crew: Crew, folder: Path, name: str, command: list[str], environment: Mapping[str, str]
) -> None:
    crew.start(
        Child(
            name=name,
            command=commands.with_python(command, PYTHON),
            environment=environment,
            log=folder / "log" / f"{name.lower()}.log",
        )
    )


def wait_until_ready(crew: Crew, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    answer = "no answer"
    while time.monotonic() < deadline:
        for child in crew.children:
            if not child.is_running():
                raise LaunchError(f"{child.name} has ended; see {child.log}.\n{child.last_lines()}")
        answer = ask_ready(port)
        if not answer:
            return
        time.sleep(0.05)
    raise LaunchError(f"The web server is not ready after {READY_SECONDS} s: {answer}")


def ask_ready(port: int) -> str:
    """Empty when ready, else what stands in the way."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except OSError as error:
        return str(error)


def greet(found: Prepared, environment: Mapping[str, str], folder: Path) -> None:
    url = environment["SITE_URL"]
    say()
    say(f"Upgrade Tracker is ready:  {url}/")
    say("It listens on 127.0.0.1 only, so nobody but this machine can reach it.")
    if found["demo"]:
        password = environment["DEMO_PASSWORD"] if found["password_fits"] else "as you changed it"
        say("Sign in as " + ", ".join(ACCOUNTS))
        say(f"Password:  {password}")
    if found["link"]:
        say(f"Make the first administrator (works once):  {url}{found['link']}")
    if environment.get("MAILBOX_DIR"):
        say(f"Mail stays on this machine; read it at  {url}/mailbox/")
    else:
        say("Mail leaves through EMAIL_URL; the demo's invented people get none.")
    say(f"Data and logs:  {folder}")
    say("Stop with Ctrl-C.")
