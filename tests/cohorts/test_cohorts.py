"""The life of a cohort."""

from datetime import UTC, date, datetime, time

import pytest

from cohorts.enums import CohortStatus, ParticipantStatus
from cohorts.exceptions import CohortError
from cohorts.models import Cohort, Membership
from cohorts.planning import CohortPlan
from cohorts.services.cohorts import (
    create_cohorts,
    finish_cohort,
    switch_cohort,
)
from common.exceptions import StaleState
from projects.models import Event
from tests.factories.cohorts import CohortFactory, MembershipFactory

AT = datetime(2038, 6, 1, 16, 0, tzinfo=UTC)


def plan(**changes) -> CohortPlan:
    usual = {
        "kind": "wave",
        "name": "Wave 1",
        "position": 1,
        "switch_on": date(2038, 6, 1),
        "switch_time": time(18, 0),
        "timezone": "Europe/Berlin",
        "ends_on": date(2038, 6, 15),
        "from_mode": "old",
        "to_mode": "new",
    }
    return CohortPlan(**{**usual, **changes})


def events() -> list[tuple[str, str]]:
    return list(Event.objects.order_by("pk").values_list("verb", "sentence"))


def test_create_cohorts_makes_them_all_with_one_event(project, manager):
    made = create_cohorts(
        project=project,
        plan=[plan(kind="pilot", name=" Pilot ", position=0), plan()],
        acting_user=manager,
    )
    assert list(Cohort.objects.values_list("kind", "name", "position", "status")) == [
        ("pilot", "Pilot", 0, "planned"),
        ("wave", "Wave 1", 1, "planned"),
    ]
    assert [cohort.pk for cohort in made] == list(Cohort.objects.values_list("pk", flat=True))
    assert events() == [("cohort.created", "2 cohorts planned.")]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"name": "x" * 101},
        {"name": "a\nb"},
        {"name": "wave 1"},
        {"kind": "lot"},
        {"timezone": "Mars/Olympus"},
        {"ends_on": date(2038, 5, 31)},
    ],
)
def test_create_cohorts_refuses_nonsense_and_makes_none(project, manager, changes):
    with pytest.raises(CohortError):
        create_cohorts(project=project, plan=[plan(), plan(**changes)], acting_user=manager)
    assert (Cohort.objects.count(), events()) == (0, [])


def test_switch_cohort_stamps_its_active_members_once(project, manager):
    cohort = CohortFactory(project=project, name="Wave 1")
    here = MembershipFactory(cohort=cohort)
    gone = MembershipFactory(cohort=cohort, participant__status=ParticipantStatus.LEFT)
    other = MembershipFactory(cohort__project=project)
    switch_cohort(cohort=cohort, at=AT, acting_user=manager)
    stamps = dict(Membership.objects.values_list("pk", "switched_at"))
    assert stamps == {here.pk: AT, gone.pk: None, other.pk: None}
    cohort.refresh_from_db()
    assert (cohort.status, cohort.switched_at) == (CohortStatus.SWITCHED, AT)
    with pytest.raises(StaleState):
        switch_cohort(cohort=Cohort.objects.get(pk=cohort.pk), at=AT, acting_user=manager)
    assert events() == [("cohort.switched", "“Wave 1” switched: 1 person.")]


def test_finish_cohort_needs_a_switch_first(project, manager):
    cohort = CohortFactory(project=project, name="Wave 1")
    with pytest.raises(StaleState):
        finish_cohort(cohort=cohort, acting_user=manager)
    switch_cohort(cohort=cohort, at=AT, acting_user=manager)
    finish_cohort(cohort=cohort, acting_user=manager)
    assert events()[-1] == ("cohort.finished", "“Wave 1” is finished.")
