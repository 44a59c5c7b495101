"""`demo`: a believable project in mid-flight, a fresh one, and three accounts to look at them."""

import os
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.models import User
from common.commands import Result, ResultCommand
from communications.services.sending import send_due
from playbooks.library import get_playbook, list_playbooks
from projects.models import Project
from rollout.demo.projects import ZONE, make_fresh_project, make_running_project

ACCOUNTS = (
    ("admin@demo.example", "Alex Admin", True),
    ("manager@demo.example", "Katrin Vogt", False),
    ("viewer@demo.example", "Victor Reiter", False),
)


class Command(ResultCommand):
    help = "Fill an empty installation with two projects and three accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--password", help="Of the three accounts; else DEMO_PASSWORD.")

    def run(self, **options: Any) -> Result:
        if Project.objects.exists():
            self.fail(_("There are projects already. The demo fills an empty installation only."))
        password = (
            options["password"] or os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
        )
        mails_stay_here = self._sink()
        with connection.cursor() as cursor:
            # A demo that a power cut has torn is made anew; waiting for the disk is not worth it.
            cursor.execute("SET synchronous_commit TO off")
        with mails_stay_here():
            users = self._accounts(password)
            projects = self._projects(manager=users[1], viewer=users[2])
        return {
            "projects": [project.slug for project in projects],
            "accounts": [user.email for user in users],
            "password": password,
        }

    def _sink(self) -> Callable[[], AbstractContextManager[None]]:
        """Looked for only now: a production installation goes without the demo's mail server."""
        try:
            from rollout.demo.sink import mails_stay_here
        except ModuleNotFoundError as error:
            self.fail(
                _("The demo needs the package %(name)s. Install requirements-local.txt, try again.")
                % {"name": error.name}
            )
        return mails_stay_here

    def _projects(self, *, manager: User, viewer: User) -> list[Project]:
        first, *others = _playbooks_by_size()
        today = localdate()
        running = make_running_project(
            playbook_key=first, manager=manager, viewer=viewer, today=today, send=send_due
        )
        fresh = make_fresh_project(
            playbook_key=(others or [first])[0], manager=manager, viewer=viewer, today=today
        )
        return [running, fresh]

    @transaction.atomic
    def _accounts(self, password: str) -> list[User]:
        """The three, made or given this password."""
        users = []
        for email, name, is_admin in ACCOUNTS:
            user = User.objects.filter(email=email).first() or User(
                email=email, name=name, timezone=ZONE
            )
            user.is_staff = user.is_superuser = is_admin
            user.set_password(password)
            user.save()
            users.append(user)
        return users

    def say(self, result: Result) -> str:
        return "\n".join([*result["accounts"], result["password"]])


def _playbooks_by_size() -> list[str]:
    """The one with most steps first: it has most to show."""
    return sorted(list_playbooks(), key=lambda key: -len(get_playbook(key).steps))
