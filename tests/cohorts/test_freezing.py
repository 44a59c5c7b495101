"""The people of a frozen cohort, and the page of who came and went since."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from cohorts.models import Cohort, CohortRule, Membership, Participant
from cohorts.planning import RuleDraft
from cohorts.queries.shape import cohort_shape
from cohorts.services.editing import freeze_cohort
from cohorts.services.members import assign_people, leave
from cohorts.services.placement import plan_drift
from cohorts.services.rules import add_rule
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def url(project):
    return lambda name, *args: reverse(f"cohorts:{name}", args=[project.slug, *args])


@pytest.fixture
def frozen(project) -> Cohort:
    """Three people by a rule that takes all of Sales, frozen an hour ago."""
    wave = CohortFactory(project=project, name="Wave 1", frozen_at=now() - timedelta(hours=1))
    add_rule(cohort=wave, draft=RuleDraft(field="department", values=("Sales",)), acting_user=None)
    for number in range(3):
        MembershipFactory(
            cohort=wave,
            joined_at=BEFORE,
            placed_by="rule",
            participant__display_name=f"Old {number}",
            participant__department="Sales",
        )
    return wave


def body(response) -> str:
    return response.content.decode()


def test_drift_names_who_came_who_left_who_would_come_and_whom_no_rule_fits(project, frozen):
    new = ParticipantFactory(project=project, display_name="New", department="Sales")
    by_hand = ParticipantFactory(project=project, display_name="Guest")
    people = Participant.objects.filter(pk=by_hand.pk)
    assign_people(cohort=frozen, participants=people, acting_user=None)
    first, second, _third = (m.participant for m in frozen.memberships.order_by("pk")[:3])
    leave(participant=first, acting_user=None)
    Participant.objects.filter(pk=second.pk).update(department="IT")
    drift = plan_drift(cohort=frozen)
    assert [(one.pk, one.why) for one in drift.coming] == [(new.pk, "Rule 1: department is Sales")]
    assert (drift.plan.people, drift.strays) == (1, 1)
    assert [one.pk for one in drift.stray_names] == [second.pk]
    shape = cohort_shape(frozen, 3)
    assert (shape.came, shape.went, shape.places_left) == (1, 1, None)


def test_the_page_takes_people_in_and_unfreezes(project, manager, as_user, url, frozen):
    new = ParticipantFactory(project=project, display_name="New <b>", department="Sales")
    client = as_user(manager)
    page = client.get(url("cohort_drift", frozen.pk))
    assert "New &lt;b&gt;" in body(page)
    assert "Take 1 person in" in body(page)
    address = url("cohort_drift", frozen.pk)
    assert client.post(address, {"digest": "old"}).status_code == 409
    digest = page.context["drift"].plan.digest
    assert client.post(address, {"digest": digest}).status_code == 302
    assert Membership.objects.get(participant=new).cohort_id == frozen.pk
    assert "Came since" in body(client.get(address))
    assert client.post(url("cohort_freeze", frozen.pk), {"thaw": "1"}).status_code == 302
    frozen.refresh_from_db()
    assert frozen.frozen_at is None
    assert "are not frozen" in body(client.get(address))


def test_a_cohort_that_has_switched_is_not_frozen(project, manager, as_user, url):
    cohort = CohortFactory(project=project, status="switched")
    response = as_user(manager).post(url("cohort_freeze", cohort.pk))
    assert response.status_code == 422


def test_the_list_shows_owner_places_rules_and_the_freeze(project, viewer, as_user, url, frozen):
    owner = project.stakeholders.first()
    Cohort.objects.filter(pk=frozen.pk).update(capacity=3, owner=owner)
    CohortRule.objects.create(
        project=project, cohort=frozen, position=2, field="everybody", is_on=False
    )
    response = as_user(viewer).get(url("cohort_list"))
    page = body(response)
    for words in (owner.name, "Frozen", "full"):
        assert words in page
    assert [row.rules for row in response.context["rows"]] == [1]


def test_the_cohorts_page_says_how_people_come(project, manager, as_user, frozen):
    address = reverse("rollout:cohort_detail", args=[project.slug, frozen.pk])
    page = body(as_user(manager).get(address))
    assert "Rule 1: department is Sales" in page
    assert "Since then 0 came and 0 left." in page


def test_freezing_keeps_rules_out(project, manager, frozen):
    freeze_cohort(cohort=frozen, acting_user=manager)
    drift = plan_drift(cohort=frozen)
    assert drift.plan.people == 0
