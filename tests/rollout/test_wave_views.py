"""The pages on which cohorts are added, copied, split, joined and given up."""

import pytest
from django.urls import reverse

from cohorts.models import Cohort
from projects.models import Project
from tests.factories.cohorts import CohortFactory
from tests.rollout.test_waves import first_mail, people_in, wave
from tests.rollout.whole import add_people, send


@pytest.fixture
def url(upgrade: Project):
    return lambda name, *args: reverse(f"rollout:{name}", args=[upgrade.slug, *args])


def body(response) -> str:
    return response.content.decode()


def filled(cohort: Cohort, **changes: object) -> dict[str, object]:
    usual = {
        "name": "Wave 9",
        "kind": "wave",
        "switch_on": "2100-06-15",
        "switch_time": "18:00",
        "timezone": "Europe/Berlin",
        "ends_on": "",
        "from_mode": cohort.from_mode,
        "to_mode": cohort.to_mode,
        "booking_closes_days": "7",
    }
    return {**usual, **changes}


def digest_of(response) -> str:
    return response.context["plan"].digest


def test_a_cohort_is_shown_with_all_that_comes_with_it_then_made(upgrade, manager, as_user, url):
    client, old = as_user(manager), wave(upgrade, 3)
    assert client.get(url("wave_add")).status_code == 200
    data = filled(old, capacity="30")
    response = client.post(url("wave_add"), data)
    page = body(response)
    assert response.status_code == 200
    assert "when its survey opens" in page
    assert "What moves along" in page
    assert not upgrade.cohorts.filter(name="Wave 9").exists()
    response = client.post(url("wave_add"), {**data, "digest": digest_of(response)})
    new = upgrade.cohorts.get(name="Wave 9")
    assert response.headers["Location"] == url("cohort_detail", new.pk)
    assert (new.capacity, (new.ends_on - new.switch_on).days) == (30, 21)
    # A second click makes no second one.
    again = client.post(url("wave_add"), {**data, "digest": "old"})
    assert again.status_code == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "Wave 1"},
        {"switch_on": "2020-01-01"},
        {"switch_on": "9999-12-31"},
        {"switch_on": "tomorrow"},
        {"ends_on": "2100-06-14"},
        {"timezone": "Mars/Olympus"},
        {"to_mode": "nowhere"},
        {"kind": "lot"},
        {"capacity": "-1"},
        {"owner": "x"},
    ],
)
def test_nonsense_is_said_beside_the_form(upgrade, manager, as_user, url, changes):
    response = as_user(manager).post(url("wave_add"), filled(wave(upgrade, 3), **changes))
    assert response.status_code == 422
    assert response.context["plan"] is None


def test_a_copy_is_filled_from_a_cohort_without_its_date(upgrade, manager, as_user, url):
    old = wave(upgrade, 3)
    Cohort.objects.filter(pk=old.pk).update(capacity=77)
    client = as_user(manager)
    page = client.get(url("wave_add") + f"?copy={old.pk}")
    assert page.context["form"]["capacity"].value() == 77
    assert page.context["form"]["switch_on"].value() is None
    foreign = CohortFactory()
    for given in (foreign.pk, "x", "9" * 30):
        assert client.get(url("wave_add") + f"?copy={given}").status_code == 404


def test_split_shows_who_goes_and_does_it(upgrade, manager, as_user, url):
    old = wave(upgrade, 3)
    sales, others = add_people(old, 3, "Sales"), add_people(old, 1, "IT")
    client = as_user(manager)
    data = filled(old, looks_at="department", values="Sales\r\n")
    response = client.post(url("wave_split", old.pk), data)
    assert "Split off 3 people" in body(response)
    response = client.post(url("wave_split", old.pk), {**data, "digest": digest_of(response)})
    new = upgrade.cohorts.get(name="Wave 9")
    assert response.headers["Location"] == url("cohort_detail", new.pk)
    assert people_in(new) == {person.pk for person in sales}
    assert people_in(old) == {others[0].pk}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"looks_at": "everybody"},
        {"looks_at": "everybody", "sample_percent": "100"},
        {"looks_at": "department", "values": " \r\n"},
        {"looks_at": "department", "values": "x" * 321},
        {"looks_at": "attribute:Nothing", "values": "x"},
        {"looks_at": "everybody", "sample_percent": "50", "keep_together": "country"},
    ],
)
def test_a_split_says_who_goes(upgrade, manager, as_user, url, changes):
    old = wave(upgrade, 3)
    response = as_user(manager).post(url("wave_split", old.pk), filled(old, **changes))
    assert response.status_code == 422


def test_merge_and_cancel_say_how_many_people_and_refuse_another_number(
    upgrade, manager, as_user, url
):
    first, second, third = (wave(upgrade, n) for n in (1, 2, 3))
    people = add_people(first, 2)
    send(first_mail(first), people[:1], "uncertain")
    client = as_user(manager)
    page = body(client.get(url("wave_merge", first.pk)))
    assert "2 people move" in page
    assert "1 person has been told the date of this cohort" in page
    data = {"into": second.pk, "expected": 2}
    assert client.post(url("wave_merge", first.pk), {**data, "expected": 1}).status_code == 409
    pilot = upgrade.cohorts.get(kind="pilot")
    for into in (pilot.pk, first.pk, CohortFactory().pk, "x"):
        assert client.post(url("wave_merge", first.pk), {**data, "into": into}).status_code == 422
    response = client.post(url("wave_merge", first.pk), data)
    assert response.headers["Location"] == url("cohort_detail", second.pk)
    assert len(people_in(second)) == 2
    assert "2 people are in no cohort then" in body(client.get(url("wave_cancel", second.pk)))
    assert client.post(url("wave_cancel", second.pk), {"expected": 0}).status_code == 409
    assert client.post(url("wave_cancel", second.pk), {"expected": "x"}).status_code == 422
    assert client.post(url("wave_cancel", second.pk), {"expected": 2}).status_code == 302
    assert client.post(url("wave_cancel", second.pk), {"expected": 0}).status_code == 409
    assert client.post(url("wave_cancel", third.pk), {"expected": 0}).status_code == 302
