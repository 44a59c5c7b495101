"""The command that orders one message for one cohort."""

import json

import pytest
from django.core.management import CommandError, call_command

from communications.models import Occurrence
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wave(project: Project):
    cohort = CohortFactory(project=project, name="Wave 1")
    MembershipFactory(cohort=cohort)
    return cohort


def test_orders_once_and_says_so(project: Project, manager, wave, capsys) -> None:
    MessageFactory(project=project, key="U1")
    results = []
    for _ in range(2):
        call_command(
            "send_message", project.slug, "U1", cohort="Wave 1", email=manager.email, as_json=True
        )
        results.append(json.loads(capsys.readouterr().out))
    occurrence = Occurrence.objects.get()
    assert results[0] == results[1]
    assert {k: v for k, v in results[0].items() if k != "due_at"} == {
        "message": "U1",
        "cohort": "Wave 1",
        "occurrence": occurrence.pk,
        "state": "approved",
        "people": 1,
    }


def test_whole_project_without_a_cohort(project: Project, manager, wave, capsys) -> None:
    MessageFactory(project=project, key="C1", audience_kind="everyone", cohort_kind="")
    call_command("send_message", project.slug, "C1", email=manager.email)
    assert capsys.readouterr().out == "C1: approved for 1 person.\n"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"slug": "nowhere"}, "There is no project “nowhere”."),
        ({"key": "X9"}, "There is no message “X9”. Choose one of: U1."),
        ({"cohort": "Nobody"}, "There is no cohort “Nobody” in “SLUG”. Choose one of: Wave 1."),
        ({"cohort": "a\0b"}, "An argument holds characters that cannot be read. Type it again."),
        ({"email": "nobody@x.example"}, "There is no account with the address “nobody@x.example”."),
        ({"cohort": None}, "“Move” goes to one cohort at a time. Say which."),
    ],
)
def test_refuses_in_one_sentence(project: Project, manager, wave, wrong, sentence) -> None:
    MessageFactory(project=project, key="U1", title="Move")
    options = {"slug": project.slug, "key": "U1", "cohort": "Wave 1", "email": manager.email}
    options |= wrong
    with pytest.raises(CommandError) as refusal:
        call_command(
            "send_message",
            options.pop("slug"),
            options.pop("key"),
            **{name: value for name, value in options.items() if value is not None},
        )
    sentence = sentence.replace("SLUG", project.slug)
    assert (str(refusal.value), refusal.value.returncode) == (sentence, 1)
    assert not Occurrence.objects.exists()


def test_only_a_manager_orders(project: Project, viewer, stranger, wave) -> None:
    MessageFactory(project=project, key="U1")
    for user in (viewer, stranger):
        with pytest.raises(CommandError, match="is not a manager of this project"):
            call_command("send_message", project.slug, "U1", cohort="Wave 1", email=user.email)
    assert not Occurrence.objects.exists()
