"""The shape of our management commands: one result on standard output, one sentence on a refusal.

A command says what it did in words, or with ``--json`` as one JSON object. A refusal is one line on
standard error and exit status 1. What a command does stands in a service, not here.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.exceptions import DomainError

Result = dict[str, Any]


class ResultCommand(BaseCommand):
    """Children write ``run(**options) -> dict`` and ``say(result) -> str``.

    Children with arguments of their own call ``super().add_arguments(parser)``.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="Print the result as JSON."
        )

    def handle(self, *args: Any, as_json: bool = False, **options: Any) -> None:
        try:
            result = self.run(**options)
        except DomainError as error:
            self.fail(str(error))
        except OperationalError:
            self.fail(_("The database does not answer. Nothing was done; try again later."))
        if as_json:
            self.stdout.write(json.dumps(result, cls=DjangoJSONEncoder, ensure_ascii=False))
        else:
            self.stdout.write(self.say(result))

    def run(self, *args: Any, **options: Any) -> Result:
        """Do it and return what ``--json`` prints."""
        raise NotImplementedError

    def say(self, result: Result) -> str:
        """The same in words, for a person at a terminal."""
        raise NotImplementedError

    # ---- what mails

    def add_yes(self, parser: CommandParser) -> None:
        """For commands that call ``tell_who``."""
        parser.add_argument(
            "--yes", action="store_true", help="do not ask at the terminal whom it goes to"
        )

    def tell_who(self, people: int, names: Sequence[str], *, is_sure: bool) -> None:
        """Before anything is done: how many get a mail, and the first three of them, on standard
        error. Somebody at a terminal is asked, unless ``is_sure``; a script has decided."""
        sentence = ngettext(
            "It goes to %(people)s person: %(names)s.",
            "It goes to %(people)s people, among them %(names)s.",
            people,
        )
        if not people:
            sentence = _("It goes to nobody.")
        self.stderr.write(sentence % {"people": people, "names": ", ".join(names)})
        if is_sure or not people or not sys.stdin.isatty():
            return
        self.stderr.write(_("Type “yes” to send it: "), ending="")
        if sys.stdin.readline().strip().casefold() != _("yes"):
            self.fail(_("Nothing was sent."))

    # ---- what several commands look up

    def fail(self, sentence: str) -> NoReturn:
        """End with exit status 1 and ``sentence`` as one line on standard error."""
        raise CommandError(" ".join(sentence.split()))

    def project(self, slug: str) -> Any:
        """The project with this slug; ends the command where there is none."""
        # By name, because this room may not import the one to its right.
        found = apps.get_model("projects", "Project").objects.filter(slug=self.plain(slug)).first()
        if found is None:
            self.fail(_("There is no project “%(slug)s”.") % {"slug": slug})
        return found

    def user(self, email: str | None) -> Any:
        """The account with this e-mail address, None for None; ends the command where none is."""
        if email is None:
            return None
        found = get_user_model().objects.filter(email__iexact=self.plain(email)).first()
        if found is None:
            self.fail(_("There is no account with the address “%(email)s”.") % {"email": email})
        return found

    def plain(self, argument: str) -> str:
        """``argument`` as the database can take it: no NUL, no broken bytes of a terminal."""
        if "\0" in argument or not _is_text(argument):
            self.fail(_("An argument holds characters that cannot be read. Type it again."))
        return argument


def _is_text(argument: str) -> bool:
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True
