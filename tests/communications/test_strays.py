"""Whoever is moved out of a cohort, or leaves, gets none of the mails that wait for them."""

import pytest

from cohorts.models import Cohort, Membership, Participant
from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db

GONE = ("skipped", "no longer among those it is for")


@pytest.fixture
def wave(project: Project) -> Cohort:
    return CohortFactory(project=project, name="Wave 1")


def member(cohort: Cohort) -> Participant:
    return MembershipFactory(cohort=cohort, participant__project=cohort.project).participant


def mails(cohort: Cohort | None, person: Participant) -> None:
    """One mail of the cohort for ``person`` in every state there is."""
    for state in DeliveryState.values:
        occurrence = OccurrenceFactory(
            message__project=person.project,
            project=person.project,
            cohort=cohort,
            anchor_key=f"a-{state}",
            state=OccurrenceState.SENDING,
        )
        DeliveryFactory(occurrence=occurrence, participant=person, state=state, reason="")


def states(person: Participant) -> dict[str, tuple[str, str]]:
    """{state before: (state, reason)}."""
    rows = Delivery.objects.filter(participant=person)
    return {
        key.removeprefix("a-"): (state, reason)
        for key, state, reason in rows.values_list("occurrence__anchor_key", "state", "reason")
    }


UNTOUCHED = {state: (state, "") for state in DeliveryState.values}
WITHDRAWN = UNTOUCHED | {"queued": GONE, "claimed": GONE}


def test_who_moves_to_another_cohort(wave: Cohort) -> None:
    person, neighbour = member(wave), member(wave)
    mails(wave, person)
    mails(wave, neighbour)
    Membership.objects.filter(participant=person).update(cohort=CohortFactory(project=wave.project))
    assert states(person) == WITHDRAWN
    assert states(neighbour) == UNTOUCHED


def test_who_is_taken_out(wave: Cohort) -> None:
    person = member(wave)
    mails(wave, person)
    Membership.objects.filter(participant=person).delete()
    assert states(person) == WITHDRAWN


def test_mails_of_the_project_and_of_other_cohorts_stay(wave: Cohort) -> None:
    person = member(wave)
    mails(None, person)
    Membership.objects.filter(participant=person).delete()
    assert states(person) == UNTOUCHED


def test_what_else_is_noted_about_a_member_takes_nothing_back(wave: Cohort) -> None:
    person = member(wave)
    mails(wave, person)
    Membership.objects.filter(participant=person).update(observed_mode="x")
    Participant.objects.filter(pk=person.pk).update(display_name="Jo")
    assert states(person) == UNTOUCHED


@pytest.mark.parametrize("status", ["left", "erased"])
def test_who_leaves_gets_nothing_more_of_the_project_either(wave: Cohort, status: str) -> None:
    person, neighbour = member(wave), member(wave)
    mails(None, person)
    mails(None, neighbour)
    Participant.objects.filter(pk=person.pk).update(status=status)
    assert states(person) == WITHDRAWN
    assert states(neighbour) == UNTOUCHED


def test_who_comes_back_is_sent_nothing_again(wave: Cohort) -> None:
    person = member(wave)
    mails(wave, person)
    Participant.objects.filter(pk=person.pk).update(status="left")
    Participant.objects.filter(pk=person.pk).update(status="active")
    assert states(person) == WITHDRAWN
