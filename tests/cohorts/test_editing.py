"""Changing a cohort, by service and by page; freezing its people."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from cohorts.enums import CohortStatus
from cohorts.exceptions import CohortError, CohortFull
from cohorts.models import Cohort
from cohorts.services.editing import (
    EDIT_FIELDS,
    edit_cohort,
    freeze_cohort,
    settings_of,
    unfreeze_cohort,
)
from projects.exceptions import PlanChanged
from projects.fingerprint import fingerprint
from projects.models import Event
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.projects import StakeholderFactory

AT = datetime(2038, 3, 1, 9, tzinfo=UTC)
MODES = [
    {"key": "a", "title": "Mode A", "allowed_next": ["b"]},
    {"key": "b", "title": "Mode B", "allowed_next": ["c"]},
    {"key": "c", "title": "Mode C", "allowed_next": []},
]


@pytest.fixture
def wave(project):
    project.playbook_snapshot = {"modes": MODES}
    project.save()
    return CohortFactory(project=project, name="Wave 1", from_mode="a", to_mode="b")


def edit(cohort, seen="", **changes) -> Cohort:
    settings = replace(settings_of(cohort), **changes)
    return edit_cohort(cohort=cohort, settings=settings, acting_user=None, seen=seen)


def events() -> list[tuple[str, str]]:
    return list(Event.objects.order_by("pk").values_list("verb", "sentence"))


def test_edit_cohort_keeps_everything_and_says_what_changed(project, wave):
    owner = StakeholderFactory(project=project)
    edit(wave, name=" North ")
    wave.refresh_from_db()
    edit(wave, owner_id=owner.pk, capacity=0, to_mode="c", is_bookable=True, booking_closes_days=3)
    wave.refresh_from_db()
    assert settings_of(wave) == replace(
        settings_of(wave),
        name="North",
        owner_id=owner.pk,
        to_mode="c",
        capacity=0,
        is_bookable=True,
        booking_closes_days=3,
    )
    edit(wave)
    assert events() == [
        ("cohort.renamed", "Cohort “Wave 1” is now called “North”."),
        (
            "cohort.changed",
            "“North” was changed: owner, to mode, places, people may choose it themselves,"  # noqa: ISC004
            " choice closes days before the switch.",
        ),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"name": "EAST"},
        {"owner_id": 0},
        {"to_mode": "a"},
        {"to_mode": "x"},
        {"from_mode": "c", "to_mode": "a"},
        {"booking_closes_days": 366},
    ],
)
def test_edit_cohort_refuses_nonsense(project, wave, changes):
    CohortFactory(project=project, name="East")
    with pytest.raises(CohortError):
        edit(wave, **changes)
    wave.refresh_from_db()
    assert (wave.name, events()) == ("Wave 1", [])


def test_the_owner_is_of_this_project(wave):
    with pytest.raises(CohortError):
        edit(wave, owner_id=StakeholderFactory().pk)


def test_modes_stay_once_somebody_is_in_a_script_or_the_cohort_has_switched(project, wave):
    member = MembershipFactory(cohort=wave, exported_at=AT)
    with pytest.raises(CohortError):
        edit(wave, to_mode="c")
    member.exported_at = None
    member.save()
    edit(wave, to_mode="c")
    wave.refresh_from_db()
    wave.status = CohortStatus.SWITCHED
    wave.save()
    with pytest.raises(CohortError):
        edit(wave, to_mode="b")


def test_places_are_not_fewer_than_people(wave):
    MembershipFactory.create_batch(2, cohort=wave)
    with pytest.raises(CohortFull):
        edit(wave, capacity=1)
    edit(wave, capacity=2)
    wave.refresh_from_db()
    assert wave.capacity == 2


def test_whoever_saves_second_is_told(wave):
    seen = fingerprint(wave, EDIT_FIELDS)
    edit(wave, seen=seen, name="North")
    with pytest.raises(PlanChanged):
        edit(wave, seen=seen, name="South")


def test_freeze_and_unfreeze_once(wave):
    for work in (freeze_cohort, freeze_cohort, unfreeze_cohort, unfreeze_cohort):
        work(cohort=wave, acting_user=None)
        wave.refresh_from_db()
    assert [verb for verb, _sentence in events()] == ["cohort.frozen", "cohort.unfrozen"]
    wave.status = CohortStatus.CANCELLED
    wave.save()
    with pytest.raises(CohortError):
        freeze_cohort(cohort=wave, acting_user=None)


# ---- the page


def posted(cohort, **changes) -> dict[str, object]:
    filled = {
        "name": cohort.name,
        "owner": cohort.owner_id or "",
        "capacity": "" if cohort.capacity is None else cohort.capacity,
        "from_mode": cohort.from_mode,
        "to_mode": cohort.to_mode,
        "booking_closes_days": cohort.booking_closes_days,
        "seen": fingerprint(cohort, EDIT_FIELDS),
    }
    return {**filled, **changes}


def test_the_page_saves_and_shows_what_somebody_else_saved(project, manager, as_user, wave):
    client = as_user(manager)
    address = reverse("cohorts:cohort_edit", args=[project.slug, wave.pk])
    page = client.get(address).content.decode()
    assert fingerprint(wave, EDIT_FIELDS) in page
    assert "Mode C" in page
    first, second = posted(wave, name="North", capacity=5), posted(wave, name="South")
    response = client.post(address, first)
    assert response.headers["Location"] == reverse(
        "rollout:cohort_detail", args=[project.slug, wave.pk]
    )
    response = client.post(address, second)
    page = response.content.decode()
    assert response.status_code == 409
    assert "<b>Name</b>: North" in page
    assert "<b>Places</b>: 5" in page
    assert 'value="South"' in page
    # Saved again with what the page now compares with, it replaces the other.
    seen = response.context["form"]["seen"].value()
    assert client.post(address, {**second, "seen": seen}).status_code == 302
    wave.refresh_from_db()
    assert (wave.name, wave.capacity) == ("South", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "a\0b"},
        {"name": ""},
        {"capacity": -1},
        {"capacity": 2**40},
        {"to_mode": "z"},
        {"owner": "1 OR 1"},
        {"booking_closes_days": ""},
    ],
)
def test_the_page_refuses_what_is_no_answer(project, manager, as_user, wave, changes):
    address = reverse("cohorts:cohort_edit", args=[project.slug, wave.pk])
    response = as_user(manager).post(address, posted(wave, **changes))
    assert response.status_code == (400 if "\0" in str(changes) else 422)


def test_the_page_says_that_people_are_more_than_places(project, manager, as_user, wave):
    MembershipFactory.create_batch(3, cohort=wave)
    address = reverse("cohorts:cohort_edit", args=[project.slug, wave.pk])
    response = as_user(manager).post(address, posted(wave, capacity=1))
    assert response.status_code == 409
    assert "2 too many" in response.content.decode()
