"""Makes the database ready and says what is in it; runs as a process of its own.

    python -m upgrade_tracker.launch.prepare [--demo]

Prints one line of JSON: `users` (is there any), `demo` (are the demo's accounts there, and is
DEMO_PASSWORD theirs) and `link` (a path that makes the first administrator, or null).
Everything else it has to say goes to standard error.
"""

import io
import json
import os
import sys
from contextlib import redirect_stdout

import django
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

DEMO_ADMIN = "admin@demo.example"


def main(*, with_demo: bool) -> None:
    django.setup()
    with redirect_stdout(sys.stderr):
        migrate()
        found = describe(with_demo=with_demo)
    print(json.dumps(found))


def migrate() -> None:
    """Asks first: looking costs a tenth of a `migrate` that has nothing to do."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False)
    call_command("createcachetable")


def describe(*, with_demo: bool) -> dict[str, object]:
    users = get_user_model()._default_manager
    password = os.environ.get("DEMO_PASSWORD", "")
    if with_demo and not users.exists() and "demo" in get_commands():
        call_command("demo", "--password", password)
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
    main(with_demo="--demo" in sys.argv[1:])
