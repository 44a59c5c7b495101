"""Makes the database ready and says what is in it; runs as a process of its own.

    python -m upgrade_tracker.launch.prepare [--demo [--ours]]

`--ours` says that the database is the launcher's own and holds nothing else.

Prints one line of JSON: `users` (is there any), `demo` (are the demo's accounts there, and is
DEMO_PASSWORD theirs) and `link` (a path that makes the first administrator, or null).
Everything else it has to say goes to standard error.
"""

import io
import json
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

DEMO_ADMIN = "admin@demo.example"


def main(*, with_demo: bool, is_ours: bool) -> None:
    django.setup()
    with redirect_stdout(sys.stderr):
        migrate()
        if with_demo:
            load_demo(is_ours=is_ours)
        else:
            demo_marker().unlink(missing_ok=True)
        found = describe()
    print(json.dumps(found))


def migrate() -> None:
    """Asks first: looking costs a tenth of a `migrate` that has nothing to do."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False)
    call_command("createcachetable")


def load_demo(*, is_ours: bool) -> None:
    """Into an empty database; in a database of ours a demo cut off half-way is begun again.

    The marker stands only while the demo is being loaded. A start that does not ask for the
    demo takes it away: what is in the database from then on may be somebody's work.
    """
    marker = demo_marker()
    if is_ours and marker.exists():
        call_command("flush", interactive=False)
    if get_user_model()._default_manager.exists() or "demo" not in get_commands():
        return
    if is_ours:
        marker.touch()
    # What it prints names the password, which does not belong into a log.
    call_command("demo", "--password", os.environ["DEMO_PASSWORD"], stdout=io.StringIO())
    marker.unlink(missing_ok=True)


def demo_marker() -> Path:
    return Path(settings.VAR_DIR) / "demo.unfinished"


def describe() -> dict[str, object]:
    users = get_user_model()._default_manager
    password = os.environ.get("DEMO_PASSWORD", "")
    admin = users.filter(email=DEMO_ADMIN).first()
    return {
        "users": users.exists(),
        "demo": admin is not None,
        "password_fits": admin is not None and admin.check_password(password),
        "link": None if users.filter(is_superuser=True).exists() else first_admin_link(),
    }


def first_admin_link() -> str | None:
    if "first_admin_link" not in get_commands():
        return None
    output = io.StringIO()
    call_command("first_admin_link", stdout=output)
    return output.getvalue().strip()


if __name__ == "__main__":
    main(with_demo="--demo" in sys.argv, is_ours="--ours" in sys.argv)
