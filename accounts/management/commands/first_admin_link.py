"""Prints the path that makes the first administrator, for whoever can run commands here."""

from typing import Any

from django.urls import reverse

from accounts.queries import has_administrator
from accounts.tokens import first_admin_token
from common.commands import ResultCommand


class Command(ResultCommand):
    help = "Print a path, good for one day and one use, that makes the first administrator."

    def run(self, **options: Any) -> dict[str, Any]:
        if has_administrator():
            self.fail("There is an administrator already. Sign in, or ask them for an account.")
        return {"path": reverse("accounts:first_admin", args=[first_admin_token()])}

    def say(self, result: dict[str, Any]) -> str:
        return str(result["path"])
