"""Every command ends the same way: a result, or one sentence and exit status 1."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from common.commands import ResultCommand
from common.exceptions import DomainError
from tests.factories.people import UserFactory


class Greet(ResultCommand):
    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("name")

    def run(self, *, name, **options):
        if name == "nobody":
            raise DomainError("Name\nsomebody.")
        return {"name": name}

    def say(self, result):
        return f"Hello {result['name']}"


def greet(*args):
    out = StringIO()
    call_command(Greet(stdout=out), *args)
    return out.getvalue()


def test_command_says_its_result_in_words_or_json():
    assert greet("Ümit") == "Hello Ümit\n"
    assert json.loads(greet("Ümit", "--json")) == {"name": "Ümit"}


def test_command_turns_a_refusal_into_one_line():
    with pytest.raises(CommandError) as caught:
        greet("nobody", "--json")
    assert (str(caught.value), caught.value.returncode) == ("Name somebody.", 1)


def test_command_finds_projects_and_users(project, manager):
    command = Greet()
    UserFactory(email="other@example.com")
    assert command.project(project.slug) == project
    assert command.user(manager.email.upper()) == manager
    assert command.user(None) is None


@pytest.mark.parametrize("slug", ["missing", "a\0b", "a\udcff"])
def test_command_refuses_unknown_projects_and_users(db, slug):
    with pytest.raises(CommandError):
        Greet().project(slug)
    with pytest.raises(CommandError):
        Greet().user(slug)
