"""The page of one person: what it says, in how many queries, and what a manager does there."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from cohorts.enums import ModeRecordKind, ModeSource, ParticipantStatus, Placement
from cohorts.models import Deferral, ModeRecord, Participant, Problem
from communications.models import Delivery, Suppression
from projects.services import events
from rollout.queries.person import person_page
from rollout.queries.person_timeline import PAGE, timeline_of
from surveys.models import Invitation
from tests.factories.cohorts import AT, CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory
from tests.factories.surveys import SurveyFactory


@pytest.fixture
def anna(project):
    return ParticipantFactory(
        project=project,
        display_name="<b>Anna</b>\u202e",
        upn="anna@example.org",
        created_at=AT - timedelta(days=90),
        attributes={"costCenter": "4711"},
    )


@pytest.fixture
def url(project, anna):
    return lambda name="detail": reverse(f"rollout:person_{name}", args=[project.slug, anna.pk])


def live(anna, wave, day: int = 0) -> None:
    """One of everything that can happen to somebody."""
    at = AT - timedelta(days=day)
    occurrence = OccurrenceFactory(message__project=anna.project, cohort=wave)
    DeliveryFactory(participant=anna, occurrence=occurrence, state="sent", sent_at=at)
    ModeRecord.objects.create(
        participant=anna,
        kind=ModeRecordKind.OBSERVED,
        source=ModeSource.EXPORT,
        at=at - timedelta(hours=1),
        mode="X",
    )
    Deferral.objects.create(
        participant=anna, from_cohort=wave, status="refused", reason="Away", asked_at=at
    )
    Problem.objects.create(participant=anna, text="No licence", is_blocking=True, reported_at=at)
    events.record(
        project=anna.project, verb="x", sentence="Something.", acting_user=None, subject=anna
    )


def test_the_page_says_why_somebody_is_where_they_are(viewer, as_user, url, anna):
    wave = CohortFactory(project=anna.project, name="Wave 1")
    MembershipFactory(
        cohort=wave,
        participant=anna,
        placed_by=Placement.RULE,
        placement_note="Rule 2: department is Sales",
    )
    response = as_user(viewer).get(url())
    page, shown = response.context["page"], response.content.decode()
    assert [(place.membership.cohort, place.why) for place in page.places] == [
        (wave, "Rule 2: department is Sales")
    ]
    assert page.facts == (
        ("User principal name", "anna@example.org"),
        ("costCenter (further column)", "4711"),
    )
    assert "<b>Anna" not in shown
    assert "&lt;b&gt;Anna&lt;/b&gt;\u202e" in shown
    assert url("change") not in shown
    assert url("erase") not in shown


def test_the_timeline_tells_everything_the_latest_first(anna):
    wave = CohortFactory(project=anna.project, name="Wave 1")
    MembershipFactory(
        cohort=wave, participant=anna, joined_at=AT - timedelta(days=60), switched_at=AT
    )
    live(anna, wave, day=10)
    survey = SurveyFactory(cohort=wave, project=anna.project, title="How was it?")
    Invitation.objects.create(
        survey=survey,
        participant=anna,
        invited_at=AT + timedelta(days=1),
        answered_at=AT + timedelta(days=2),
    )
    lines = [line for line in timeline_of(anna).lines if line.text != "Something."]
    assert [(line.kind, line.text) for line in lines if line.kind != "sent"] == [
        ("Survey", "Answered “How was it?”."),
        ("Survey", "Asked: “How was it?”."),
        ("Cohort", "Switched with “Wave 1”."),
        ("Cohort", "Told about “Wave 1”."),
        ("Deferral", "Asked to leave “Wave 1” for a later date."),
        ("Problem", "A problem was reported."),
        ("Mode", "Observed: X"),
        ("Cohort", "Put into “Wave 1”."),
        ("Roster", "Added to the project."),
    ]


def test_an_anonymous_answer_is_tied_to_nobody(anna):
    survey = SurveyFactory(
        cohort__project=anna.project, project=anna.project, title="How?", is_anonymous=True
    )
    answered = {"invited_at": AT, "answered_at": AT + timedelta(days=2)}
    Invitation.objects.create(survey=survey, participant=anna, **answered)
    assert [line.text for line in timeline_of(anna).lines] == [
        "Asked: “How?”.",
        "Added to the project.",
    ]


def test_the_timeline_goes_on_in_pages_without_losing_or_doubling_anything(anna):
    records = [
        ModeRecord(
            participant=anna,
            kind=ModeRecordKind.OBSERVED,
            source=ModeSource.EXPORT,
            # Two of each moment.
            at=AT + timedelta(minutes=number // 2),
            mode=f"M{number}",
        )
        for number in range(2 * PAGE + 5)
    ]
    ModeRecord.objects.bulk_create(records)
    seen, before = [], None
    for _page in range(3):
        page = timeline_of(anna, before=before)
        seen += [line.text for line in page.lines]
        before = page.before
    assert before is None
    assert sorted(seen) == sorted(
        [f"Observed: {record.mode}" for record in records] + ["Added to the project."]
    )


@pytest.mark.parametrize("number", [1, 12])
def test_the_page_takes_the_same_queries_whatever_happened(anna, number, django_assert_num_queries):
    wave = CohortFactory(project=anna.project)
    MembershipFactory(cohort=wave, participant=anna)
    for day in range(number):
        live(anna, wave, day)
    with django_assert_num_queries(12):
        page = person_page(anna, now())
        assert len(page.problems) == number


@pytest.mark.parametrize("query", ["before=x", "before=-1", f"before={2**70}", "before=1e9"])
def test_a_place_in_the_timeline_that_is_none_is_refused(viewer, as_user, url, query):
    assert as_user(viewer).get(f"{url()}?{query}").status_code == 422


def test_the_manager_presses_buttons(manager, as_user, url, anna):
    client = as_user(manager)

    def press(what: str) -> int:
        return client.post(url("change"), {"what": what}).status_code

    def stands() -> tuple[bool, bool, str]:
        anna.refresh_from_db()
        return anna.is_white_glove, anna.champion_since is not None, anna.status

    assert [press(what) for what in ("glove_on", "champion_on", "left")] == [302, 302, 302]
    assert stands() == (True, True, ParticipantStatus.LEFT)
    assert press("left") == 409
    assert press("odd") == 422
    assert [press(what) for what in ("back", "glove_off", "champion_off")] == [302, 302, 302]
    assert stands() == (False, False, ParticipantStatus.ACTIVE)


def test_do_not_contact_stops_mail_until_it_is_let_go_again(manager, as_user, url, anna):
    waiting = DeliveryFactory(participant=anna, occurrence__message__project=anna.project)
    client, today = as_user(manager), localdate(timezone=ZoneInfo(anna.project.timezone))
    for data in ({}, {"reason": "a\0b"}, {"reason": "r", "last_day": today - timedelta(days=1)}):
        assert client.post(url("silence"), data).status_code == 422
    assert client.post(url("silence"), {"reason": "r", "last_day": "9999-12-31"}).status_code == 422
    assert Suppression.objects.count() == 0
    asked = {"reason": "Asked by phone", "last_day": today}
    assert client.post(url("silence"), asked).status_code == 302
    assert Delivery.objects.get(pk=waiting.pk).state == "skipped"
    assert client.get(url()).context["page"].silence.reason == "Asked by phone"
    assert client.post(url("change"), {"what": "release"}).status_code == 302
    assert Suppression.objects.count() == 0
    assert client.get(url()).context["page"].silence is None


def test_people_of_another_project_are_not_found(manager, as_user, project):
    theirs = ParticipantFactory()
    client = as_user(manager)
    for name in ("detail", "change", "silence", "erase"):
        address = reverse(f"rollout:person_{name}", args=[project.slug, theirs.pk])
        method = client.post if name == "change" else client.get
        assert method(address).status_code == 404
    assert Participant.objects.get(pk=theirs.pk).status == ParticipantStatus.ACTIVE
