"""A whole project, made as the wizard makes it, and people in bulk for it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.utils.timezone import now

from accounts.models import User
from cohorts.gates import gate_key
from cohorts.models import Cohort, Membership, Participant
from communications.enums import DeliveryState
from communications.models import Delivery, Occurrence
from projects.models import Gate, Project
from projects.services.deciding import decide_gate
from rollout.services.create import create_project
from surveys.models import Invitation, Response, Survey
from tests.rollout.drafts import draft_for

AT = datetime(2038, 3, 1, 10, 0, tzinfo=UTC)


def whole_project(manager: User, key: str = "teams-upgrade", **changes: Any) -> Project:
    return create_project(draft=draft_for(key, **changes), owner=manager, acting_user=manager)


def let_through(cohort: Cohort, manager: User) -> None:
    """The cohort's gate is open, whatever its criteria show."""
    decide_gate(
        gate=Gate.objects.get(project=cohort.project_id, key=gate_key(cohort)),
        choice="waiver",
        until=date(2100, 1, 1),
        note="For a test.",
        acting_user=manager,
        at=now(),
    )


def add_people(cohort: Cohort, number: int, department: str = "") -> list[Participant]:
    """``number`` new people of the cohort, in two statements."""
    have = Participant.objects.filter(project=cohort.project_id).count()
    people = Participant.objects.bulk_create(
        Participant(
            project_id=cohort.project_id,
            key=f"person{n}@example.org",
            upn=f"person{n}@example.org",
            display_name=f"Person {n}",
            department=department,
        )
        for n in range(have, have + number)
    )
    Membership.objects.bulk_create(
        Membership(cohort=cohort, participant=person, kind=cohort.kind) for person in people
    )
    return people


def send(
    occurrence: Occurrence, people: Sequence[Participant], state: str = DeliveryState.SENT
) -> None:
    Delivery.objects.bulk_create(
        Delivery(occurrence=occurrence, participant=one, recipient_key=f"p:{one.pk}", state=state)
        for one in people
    )


def ask(survey: Survey, people: Sequence[Participant], answered: int = 0, **answers: Any) -> None:
    """Everybody is invited, the first ``answered`` have answered."""
    survey.status, survey.opened_at = "open", AT
    survey.closes_at = datetime(2100, 1, 1, tzinfo=UTC)
    survey.save()
    invitations = Invitation.objects.bulk_create(
        Invitation(survey=survey, participant=one, answered_at=AT if n < answered else None)
        for n, one in enumerate(people)
    )
    Response.objects.bulk_create(
        Response(
            survey=survey,
            is_anonymous=survey.is_anonymous,
            invitation=None if survey.is_anonymous else invitation,
            answers=answers,
            submitted_at=AT,
        )
        for invitation in invitations[:answered]
    )
