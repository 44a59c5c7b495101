"""What the people list can be asked, and that its pages hold everybody however many match."""

import random

import pytest
from django.urls import reverse

from cohorts.enums import CohortKind, ModeState, ParticipantStatus
from cohorts.models import Membership, Participant
from cohorts.queries import people_pages
from cohorts.queries.people import EVERYBODY, PeopleFilter, matching
from cohorts.queries.people_export import export_rows
from cohorts.queries.people_pages import PAGE, people_page
from tests.factories.cohorts import AT, CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory


def found(project, **wanted) -> list[str]:
    rows = matching(project, PeopleFilter(**wanted)).order_by("display_name")
    return list(rows.values_list("display_name", flat=True))


@pytest.fixture
def people(project):
    """One with everything, one with nothing, one beside; and the same in another project."""
    pilot = CohortFactory(project=project, kind=CohortKind.PILOT)
    wave, other = CohortFactory.create_batch(2, project=project)
    anna = ParticipantFactory(
        project=project,
        display_name="Anna Müller",
        mail="Anna.M@Example.org",
        country="Chile",
        office="Lima",
        attributes={"costCenter": "47", "n": "1"},
        is_white_glove=True,
        champion_since=AT,
    )
    marks = {"mode_state": ModeState.DRIFT, "switched_at": AT, "deferred_from": pilot}
    MembershipFactory(cohort=wave, participant=anna, blocked_since=AT, **marks)
    bert = ParticipantFactory(
        project=project, display_name="Bert", upn="", key="b", attributes={"costCenter": "48"}
    )
    MembershipFactory(cohort=pilot, participant=bert)
    MembershipFactory(cohort=other, participant=bert, mode_state=ModeState.DRIFT)
    ParticipantFactory(project=project, display_name="Carl", status=ParticipantStatus.ERASED)
    told = OccurrenceFactory(message__project=project, cohort=wave)
    DeliveryFactory(occurrence=told, participant=anna, state="sent", sent_at=AT)
    theirs = MembershipFactory(mode_state=ModeState.DRIFT, blocked_since=AT)
    Participant.objects.filter(pk=theirs.participant_id).update(
        display_name="Anna of theirs", is_white_glove=True, country="Chile"
    )
    return {"wave": wave, "pilot": pilot, "other": other}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"country": "Chile"}, ["Anna Müller"]),
        ({"country": "chile"}, []),
        ({"office": "Lima"}, ["Anna Müller"]),
        ({"attributes": {"costCenter": "47"}}, ["Anna Müller"]),
        ({"attributes": {"costCenter": "4"}}, []),
        ({"is_white_glove": True}, ["Anna Müller"]),
        ({"is_champion": True}, ["Anna Müller"]),
        ({"is_blocked": True}, ["Anna Müller"]),
        ({"is_deferred": True}, ["Anna Müller"]),
        ({"is_without_address": True}, ["Bert"]),
        ({"kind": CohortKind.PILOT}, ["Bert"]),
        ({"mode": ModeState.DRIFT}, ["Anna Müller", "Bert"]),
        ({"mode": ModeState.DRIFT, "kind": CohortKind.PILOT}, []),
        ({"is_told": True}, ["Anna Müller"]),
        ({"is_told": False}, ["Bert"]),
        ({"is_switched": True}, ["Anna Müller"]),
        ({"is_switched": False}, ["Bert"]),
        ({"q": "MÜLL"}, ["Anna Müller"]),
        ({"q": "ann"}, ["Anna Müller"]),
        ({"q": "nna"}, ["Anna Müller"]),
        # Two letters are the beginning of a word.
        ({"q": "nn"}, []),
        ({"q": "mü"}, ["Anna Müller"]),
        ({"q": "be"}, ["Bert"]),
        ({"q": "_"}, []),
        ({"q": "\\"}, []),
        ({"q": "李"}, []),
        ({"q": "anna@EXAMPLE"}, []),
        ({"q": "nna.m@EXAMPLE.o"}, ["Anna Müller"]),
        ({"q": "nna.m@Xample.o"}, []),
        ({"status": EVERYBODY}, ["Anna Müller", "Bert"]),
        ({"status": ParticipantStatus.ERASED}, ["Carl"]),
        ({"is_blocked": True, "is_without_address": True}, []),
    ],
)
def test_filters_find(project, people, wanted, names):
    assert found(project, **wanted) == names


def test_marks_of_a_cohort_are_those_of_one_membership(project, people):
    assert found(project, cohort=people["pilot"], mode=ModeState.DRIFT) == []
    assert found(project, cohort=people["other"], mode=ModeState.DRIFT) == ["Bert"]
    assert found(project, cohort=people["wave"], is_told=True) == ["Anna Müller"]


@pytest.mark.parametrize(("ceiling", "near"), [(10_000, 20_000), (20, 60), (20, 3)])
@pytest.mark.parametrize(
    "wanted", [{}, {"department": "IT"}, {"is_white_glove": True}, {"q": "n1"}, {"q": "@x.o"}]
)
def test_pages_hold_everybody_once_in_order(project, monkeypatch, wanted, ceiling, near):
    """However pages are made: collected, walked by name, or collected after a walk in vain."""
    monkeypatch.setattr(people_pages, "CEILING", ceiling)
    monkeypatch.setattr(people_pages, "NEAR", near)
    monkeypatch.setattr(people_pages, "MOST_FOUND", 3 * ceiling)
    dice = random.Random(7)  # noqa: S311
    Participant.objects.bulk_create(
        Participant(
            project=project,
            key=f"{number}@x.org",
            display_name=f"N{dice.randrange(60):02}",
            department=dice.choice(["IT", "HR"]),
            is_white_glove=number > 3 * PAGE,
        )
        for number in range(5 * PAGE)
    )
    asked = PeopleFilter(**wanted)
    everybody = list(matching(project, asked).order_by("display_name", "pk"))
    there, after = [], None
    while True:
        page = people_page(project, asked, after=after)
        there += page.people
        after = page.after
        if after is None:
            break
    back, before = list(page.people), page.before
    while before is not None:
        page = people_page(project, asked, before=before)
        back, before = [*page.people, *back], page.before
    assert there == everybody == back
    exact = people_page(project, asked, is_exact=True)
    assert (exact.total, exact.is_more) == (len(everybody), False)
    first = people_page(project, asked)
    knows = not wanted or ceiling > len(everybody)
    assert (first.total, first.is_more) == ((len(everybody), False) if knows else (ceiling, True))


@pytest.fixture
def address(project):
    return reverse("cohorts:people_list", args=[project.slug])


def test_every_filter_that_is_set_can_be_taken_away(project, people, manager, as_user, address):
    query = "q=anna&country=Chile&mode=drift&told=yes&only=white_glove&only=blocked"
    response = as_user(manager).get(f"{address}?{query}&attribute=costCenter%3D47")
    chips = response.context["form"].chips()
    assert [(chip.label, chip.value) for chip in chips] == [
        ("Search", "anna"),
        ("Country", "Chile"),
        ("Mode", "Drift"),
        ("Told", "Yes"),
        ("Further column", "costCenter=47"),
        ("Only", "White glove"),
        ("Only", "Blocked"),
    ]
    assert chips[5].query == query.replace("&only=white_glove&only=blocked", "") + (
        "&attribute=costCenter%3D47&only=blocked"
    )
    assert [person.display_name for person in response.context["page"].people] == ["Anna Müller"]


@pytest.mark.parametrize(
    "query",
    ["country=Atlantis", "mode=odd", "kind=odd", "told=odd", "only=odd", "attribute=odd"],
)
def test_what_nobody_offered_is_refused_in_words(project, people, viewer, as_user, address, query):
    response = as_user(viewer).get(f"{address}?{query}")
    assert response.status_code == 422
    (errors,) = response.context["form"].errors.values()
    assert "odd" in errors[0] or "Atlantis" in errors[0] or "equals sign" in errors[0]


def test_a_value_beyond_those_in_the_list_is_found(project, viewer, as_user, address, monkeypatch):
    monkeypatch.setattr("cohorts.queries.places.MOST_VALUES", 1)
    for office in ("Aachen", "Zwolle"):
        ParticipantFactory(project=project, office=office, display_name=office)
    page = as_user(viewer).get(f"{address}?office=Zwolle")
    assert [person.display_name for person in page.context["page"].people] == ["Zwolle"]


def test_more_than_the_ceiling_is_said_and_counted_on_request(
    project, manager, as_user, address, monkeypatch
):
    monkeypatch.setattr(people_pages, "CEILING", 2)
    monkeypatch.setattr("cohorts.views.people.CEILING", 2)
    for number in range(4):
        ParticipantFactory(project=project, department="IT", display_name=f"P{number}")
    client = as_user(manager)
    shown = client.get(f"{address}?department=IT").content.decode()
    assert "More than 2 people match." in shown
    assert "Put all" not in shown
    shown = client.get(f"{address}?department=IT&is_exact=1").content.decode()
    assert "4 people match." in shown
    assert "Put all 4 people who match in" in shown


def test_ticked_people_leave_and_come_back(project, manager, as_user, address):
    wave = CohortFactory(project=project)
    rows = [MembershipFactory(cohort=wave) for _number in range(3)]
    pks = [row.participant_id for row in rows[:2]]
    mark = reverse("cohorts:people_mark", args=[project.slug])
    client = as_user(manager)
    assert client.post(f"{mark}?q=x", {"mark": "left", "people": pks}).status_code == 302
    left = Participant.objects.filter(status=ParticipantStatus.LEFT)
    assert set(left.exclude(left_at=None).values_list("pk", flat=True)) == set(pks)
    assert client.post(mark, {"mark": "left", "people": pks}).status_code == 302
    assert client.post(mark, {"mark": "back", "people": pks[:1]}).status_code == 302
    assert list(left.values_list("pk", flat=True)) == pks[1:]
    assert list(project.events.order_by("pk").values_list("sentence", flat=True)) == [
        "2 people have left and are not counted any more.",
        "1 person who had left is back.",
    ]
    assert Membership.objects.filter(cohort=wave).count() == 3
    for bad in ({"mark": "left"}, {"mark": "odd", "people": pks}, {"mark": "left", "people": "x"}):
        assert client.post(mark, bad).status_code == 422
    foreign = ParticipantFactory().pk
    assert client.post(mark, {"mark": "left", "people": [foreign]}).status_code == 404


def test_nobody_comes_back_into_a_place_that_was_given_away(project, manager, as_user):
    wave = CohortFactory(project=project, capacity=1)
    row = MembershipFactory(cohort=wave)
    mark = reverse("cohorts:people_mark", args=[project.slug])
    client, pks = as_user(manager), [row.participant_id]
    assert client.post(mark, {"mark": "left", "people": pks}).status_code == 302
    MembershipFactory(cohort=wave)
    assert client.post(f"{mark}?status=left", {"mark": "back", "people": pks}).status_code == 409
    row.participant.refresh_from_db()
    assert row.participant.status == ParticipantStatus.LEFT


def test_an_export_is_of_one_moment_though_people_change_meanwhile(project):
    Participant.objects.bulk_create(
        Participant(project=project, key=f"{number}@x.org", display_name=f"P{number:04}")
        for number in range(2500)
    )
    rows = export_rows(project, PeopleFilter())
    first = next(rows)
    Participant.objects.update(display_name="Changed")
    Participant.objects.filter(key="2499@x.org").delete()
    names = [row[2] for row in (first, *rows)]
    assert names == [f"P{number:04}" for number in range(2500)]
