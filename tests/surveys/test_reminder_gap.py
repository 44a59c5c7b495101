"""Nobody gets two mails of one survey on a day, however late one of them leaves."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts.models import User
from communications.enums import DeliveryState
from communications.models import Delivery, Message, Occurrence
from surveys.models import Survey
from surveys.queries.people import GAP
from surveys.services.opening import open_survey
from tests.communications.pipeline import run_worker
from tests.communications.sink import Sink
from tests.factories.surveys import add_people, draft_survey, survey_messages

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "had another mail of this survey within a day"


@pytest.fixture
def sink(settings: Any):
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def opened(cohort, manager: User) -> Survey:
    survey_messages(cohort)
    Message.objects.update(is_mandatory=True)
    add_people(cohort, 2)
    survey = draft_survey(cohort)
    survey.reminder_days = [3, 7]
    survey.save()
    return open_survey(survey=survey, acting_user=manager, at=now())


def make_reminders_due() -> None:
    reminders = Occurrence.objects.filter(message__key__endswith="-reminder").order_by("due_at")
    for minutes, row in zip((3, 2), reminders, strict=True):
        Occurrence.objects.filter(pk=row.pk).update(due_at=now() - timedelta(minutes=minutes))


def states() -> list[tuple[str, str, str]]:
    rows = Delivery.objects.order_by("occurrence__due_at", "pk")
    return [(row.occurrence.anchor_key.rpartition(":")[2], row.state, row.reason) for row in rows]


def test_two_reminders_of_one_day_are_one(opened: Survey, sink: Sink) -> None:
    run_worker()
    assert {state for _key, state, _reason in states()} == {"sent"}
    Delivery.objects.update(sent_at=now() - GAP)
    Occurrence.objects.update(due_at=now() - GAP)
    make_reminders_due()
    run_worker()
    assert states()[2:] == [
        ("r1", "sent", ""),
        ("r1", "sent", ""),
        ("r2", "skipped", REASON),
        ("r2", "skipped", REASON),
    ]


def test_a_reminder_right_behind_a_late_invitation_is_left_out(opened: Survey, sink: Sink) -> None:
    run_worker()
    make_reminders_due()
    run_worker()
    assert [row for row in states() if row[0] in ("r1", "r2")] == [
        ("r1", "skipped", REASON),
        ("r1", "skipped", REASON),
        ("r2", "skipped", REASON),
        ("r2", "skipped", REASON),
    ]


def test_a_mail_of_which_nobody_knows_counts_as_one(opened: Survey, sink: Sink) -> None:
    run_worker()
    Delivery.objects.update(state=DeliveryState.UNCERTAIN)
    make_reminders_due()
    run_worker()
    assert {row[1] for row in states() if row[0] == "r1"} == {"skipped"}
