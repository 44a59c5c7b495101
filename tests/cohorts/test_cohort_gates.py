from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cohorts.enums import CohortStatus
from cohorts.gates import gate_key
from cohorts.models import Cohort
from cohorts.services.cohorts import switch_cohort
from cohorts.services.editing import edit_cohort, settings_of
from projects.exceptions import GateClosed
from projects.models import Event, Gate
from projects.services.deciding import decide_gate
from projects.services.gates import create_gate
from tests.factories.cohorts import CohortFactory, MembershipFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def cohort(project):
    return MembershipFactory(cohort=CohortFactory(project=project, name="Wave 1")).cohort


@pytest.fixture
def gate(cohort, manager) -> Gate:
    return create_gate(
        project=cohort.project,
        key=gate_key(cohort),
        title=cohort.name,
        criteria=[],
        params={"cohort": cohort.pk},
        acting_user=manager,
    )


def test_cohort_without_a_gate_switches(cohort, manager):
    switch_cohort(cohort=cohort, at=AT, acting_user=manager)
    assert cohort.status == CohortStatus.SWITCHED


def test_cohort_does_not_switch_while_its_gate_is_closed(cohort, gate, manager):
    with pytest.raises(GateClosed):
        switch_cohort(cohort=cohort, at=AT, acting_user=manager)
    assert Cohort.objects.get(pk=cohort.pk).status == CohortStatus.PLANNED
    assert not cohort.memberships.filter(switched_at__isnull=False).exists()
    assert not Event.objects.filter(verb="cohort.switched").exists()
    decide_gate(gate=gate, choice="go", acting_user=manager, at=AT)
    switch_cohort(cohort=cohort, at=AT, acting_user=manager)
    assert Cohort.objects.get(pk=cohort.pk).status == CohortStatus.SWITCHED
    assert cohort.memberships.filter(switched_at=AT).count() == 1


def test_waiver_that_is_over_keeps_the_cohort(cohort, gate, manager):
    decide_gate(
        gate=gate,
        choice="waiver",
        note="We must.",
        until=AT.date(),
        acting_user=manager,
        at=AT,
    )
    with pytest.raises(GateClosed):
        switch_cohort(cohort=cohort, at=AT + timedelta(days=2), acting_user=manager)
    switch_cohort(cohort=cohort, at=AT, acting_user=manager)


def test_gate_is_called_as_its_cohort(cohort, gate, manager):
    settings = replace(settings_of(cohort), name="Branches")
    edit_cohort(cohort=cohort, settings=settings, acting_user=manager)
    gate.refresh_from_db()
    assert gate.title == "Branches"
