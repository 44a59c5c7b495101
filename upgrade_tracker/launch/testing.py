"""`start.py test` and `start.py lint`: throw-away servers, every linter, every test."""

import os
from pathlib import Path

from upgrade_tracker.launch import assets, browser, commands
from upgrade_tracker.launch.check import lint
from upgrade_tracker.launch.environment import local_environment
from upgrade_tracker.launch.manage import in_foreground
from upgrade_tracker.launch.places import PYTHON, ROOT
from upgrade_tracker.launch.processes import Crew
from upgrade_tracker.launch.say import doing, say
from upgrade_tracker.launch.servers import start_servers, throw_away_folder
from upgrade_tracker.launch.stopping import uninterrupted

# tests/together.py says which tests stay in one of the two processes.
ALL_TESTS = ["--numprocesses", "2", "--dist", "load"]


def main(arguments: list[str]) -> int:
    """Without arguments everything; with arguments (after `--`) only what pytest makes of them."""
    chosen = arguments[1:] if arguments[:1] == ["--"] else arguments
    assets.fetch()
    crew = Crew()
    with throw_away_folder() as folder:
        try:
            with doing("Starting throw-away PostgreSQL and Valkey"):
                environment = test_environment(crew, folder, fetch_browser=not chosen)
            failed = [] if chosen else lint(environment)
            os.chdir(ROOT)
            pytest = [PYTHON, "-m", "pytest", *(chosen or ALL_TESTS)]
            code = in_foreground(pytest, environment)
        finally:
            with uninterrupted():
                crew.stop()
    if failed:
        say(f"lint failed: {', '.join(failed)}")
    return code or bool(failed)


def lint_main(arguments: list[str]) -> int:
    return 1 if lint(os.environ) else 0


def test_environment(crew: Crew, folder: Path, *, fetch_browser: bool) -> dict[str, str]:
    """Never the user's mail server: a test must not be able to write to anybody."""
    environment = local_environment(folder, port=commands.DEFAULT_PORT)
    for name in ("EMAIL_URL", "MAIL_ALLOW_LIST", "MAILBOX_DIR", "SITE_URL", "SEND_LEASE_SECONDS"):
        environment.pop(name, None)
    environment.update(start_servers(crew, folder, throw_away=True))
    chromium = browser.find_or_fetch() if fetch_browser else browser.find()
    if chromium:
        environment["CHROMIUM_PATH"] = chromium
    elif fetch_browser:
        say(browser.MISSING)
    return environment
