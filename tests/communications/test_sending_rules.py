"""Quiet hours, a week's number of mails, staging, a second approval: what is held, and why."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import User
from common.exceptions import StaleState
from communications.enums import OccurrenceState
from communications.exceptions import OrderRefused, RulesRefused
from communications.models import Delivery, Message, Occurrence, SendingRules
from communications.quiet import end_of_quiet
from communications.services.approval import approve_occurrence, unapprove_occurrence
from communications.services.messages import update_message
from communications.services.ordering import order_now
from communications.services.rules import change_rules
from projects.enums import AccessRole
from projects.models import Event, Project
from tests.communications.pipeline import add_people, due_occurrence, run_worker
from tests.communications.sink import Sink
from tests.factories.communications import DeliveryFactory, OccurrenceFactory
from tests.factories.people import UserFactory
from tests.factories.projects import StakeholderFactory

pytestmark = pytest.mark.django_db
DEFAULTS: dict[str, Any] = {
    "quiet_from": None,
    "quiet_until": None,
    "second_above": None,
    "mails_a_week": 5,
    "is_one_an_address": False,
    "is_staging": False,
    "staging_list": [],
}


def rules(project: Project, **changes: Any) -> SendingRules:
    return SendingRules.objects.create(project=project, **DEFAULTS | changes)


def rows(occurrence: Occurrence) -> list[tuple[str, str]]:
    found = Delivery.objects.filter(occurrence=occurrence).order_by("recipient_key")
    return list(found.values_list("state", "reason"))


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2038-01-05 21:59", None),
        ("2038-01-05 22:00", "2038-01-06 07:00"),
        ("2038-01-06 06:59", "2038-01-06 07:00"),
        ("2038-01-06 07:00", None),
        ("2038-03-27 23:00", "2038-03-28 07:00"),  # the night that is an hour shorter
        ("2038-10-30 23:00", "2038-10-31 07:00"),
    ],
)
def test_quiet_hours_over_midnight(local: str, expected: str | None) -> None:
    zone = ZoneInfo("Europe/Berlin")
    at = datetime.fromisoformat(local).replace(tzinfo=zone)
    end = end_of_quiet(at, zone.key, time(22), time(7))
    wanted = datetime.fromisoformat(expected).replace(tzinfo=zone) if expected else None
    assert end == wanted


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    at = datetime(2038, 1, 5, 12, 30, tzinfo=UTC)
    assert end_of_quiet(at, "UTC", time(12), time(13)) == at.replace(hour=13, minute=0)
    assert end_of_quiet(at, "UTC", time(9), time(9)) is None


def quiet_now(project: Project) -> SendingRules:
    """Quiet in UTC from an hour ago for three hours; it is not quiet half a day away."""
    at = now()
    begin, end = (at - timedelta(hours=1)).time(), (at + timedelta(hours=2)).time()
    return rules(project, quiet_from=begin, quiet_until=end)


def test_who_sleeps_gets_it_when_the_night_is_over(sink: Sink) -> None:
    occurrence = due_occurrence(2, timezone="UTC")
    asleep, awake = (m.participant for m in occurrence.cohort.memberships.order_by("pk"))
    awake.timezone = "Pacific/Kiritimati"  # 14 hours ahead
    awake.save()
    held = quiet_now(occurrence.project)
    run_worker()
    row = Delivery.objects.get(occurrence=occurrence, participant=asleep)
    assert [mail.recipient for mail in sink.mails] == [awake.upn]
    assert (row.state, row.reason, row.not_before.time()) == (
        "queued",
        "quiet hours",
        held.quiet_until,
    )


def test_what_a_person_orders_now_wakes_people_up(sink: Sink) -> None:
    occurrence = due_occurrence(1, timezone="UTC", ordered_at=now())
    quiet_now(occurrence.project)
    run_worker()
    assert len(sink.mails) == 1


def told(address: str, **also: Any) -> None:
    row = DeliveryFactory(**{"state": "sent", "sent_at": now(), **also})
    Delivery.objects.filter(pk=row.pk).update(address=address)


def test_the_sixth_mail_of_a_week_names_the_one_that_took_its_place(sink: Sink) -> None:
    occurrence = due_occurrence(2)
    full, fine = (m.participant for m in occurrence.cohort.memberships.order_by("pk"))
    week = timedelta(days=7)
    for number in range(4):
        told(full.upn.upper(), sent_at=now() - timedelta(days=number))
        told(fine.upn)
    told(fine.upn, sent_at=now() - week)
    told(fine.upn, state="failed")
    told(full.upn, state="uncertain", sent_at=None, occurrence__message__title="Welcome")
    run_worker()
    reason = "5 mails this week already, the last was “Welcome”"
    assert rows(occurrence) == [("skipped", reason), ("sent", "")]


@pytest.mark.parametrize("free", [{"message__is_mandatory": True}, {"ordered_at": now()}])
def test_what_must_go_out_counts_and_passes(sink: Sink, free: dict[str, Any]) -> None:
    occurrence = due_occurrence(1, **free)
    person = occurrence.cohort.memberships.get().participant
    for _number in range(5):
        told(person.upn)
    run_worker()
    assert rows(occurrence) == [("sent", "")]


def test_without_a_number_nobody_counts(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    rules(occurrence.project, mails_a_week=None)
    for _number in range(9):
        told(occurrence.cohort.memberships.get().participant.upn)
    run_worker()
    assert rows(occurrence) == [("sent", "")]


def test_two_mails_in_one_claim_count_both(sink: Sink) -> None:
    first = due_occurrence(1)
    person = first.cohort.memberships.get().participant
    second = due_occurrence(0, cohort=first.cohort, project=first.project)
    rules(first.project, mails_a_week=1)
    run_worker()
    assert sorted(state for row in (first, second) for state, _why in rows(row)) == [
        "sent",
        "skipped",
    ]
    assert [mail.recipient for mail in sink.mails] == [person.upn]


def test_staging_lets_only_its_list_through(sink: Sink) -> None:
    occurrence = due_occurrence(2)
    tester, _other = (m.participant for m in occurrence.cohort.memberships.order_by("pk"))
    rules(occurrence.project, is_staging=True, staging_list=[tester.upn])
    run_worker()
    assert [mail.recipient for mail in sink.mails] == [tester.upn]
    held = "held back: staging, and not on its list"
    assert sorted(rows(occurrence)) == [("sent", ""), ("skipped", held)]


def test_staging_with_an_empty_list_reaches_nobody(sink: Sink) -> None:
    occurrence = due_occurrence(1)
    rules(occurrence.project, is_staging=True)
    run_worker()
    assert sink.mails == []


# ---- two approvals


@pytest.fixture
def second(project: Project) -> User:
    user: User = UserFactory()
    StakeholderFactory(project=project, user=user, access=AccessRole.MANAGER)
    return user


@pytest.fixture
def large(project: Project) -> Occurrence:
    occurrence: Occurrence = OccurrenceFactory(
        message__project=project,
        project=project,
        cohort__project=project,
        due_at=now() + timedelta(days=1),
    )
    add_people(occurrence, 3)
    return occurrence


def test_above_the_number_two_people_approve(
    large: Occurrence, manager: User, second: User
) -> None:
    rules(large.project, second_above=2)
    approve_occurrence(occurrence=large, acting_user=manager)
    large.refresh_from_db()
    assert (large.state, large.first_approved_by) == (OccurrenceState.PLANNED, manager)
    with pytest.raises(OrderRefused, match="More than 2 people get it"):
        approve_occurrence(occurrence=large, acting_user=manager)
    approve_occurrence(occurrence=large, acting_user=second)
    large.refresh_from_db()
    assert (large.state, large.approved_by) == (OccurrenceState.APPROVED, second)
    unapprove_occurrence(occurrence=large, acting_user=second)
    large.refresh_from_db()
    assert (large.state, large.first_approved_by) == (OccurrenceState.PLANNED, None)


def new_text(large: Occurrence, acting_user: User) -> None:
    message = Message.objects.get(pk=large.message_id)
    update_message(message=message, title="T", subject="New", body="B", acting_user=acting_user)


def another_audience(large: Occurrence, acting_user: User) -> None:
    add_people(large, 30)


@pytest.mark.parametrize("happens", [new_text, another_audience])
def test_two_people_approve_the_same(
    large: Occurrence, manager: User, second: User, happens: Any, client: Client
) -> None:
    """The second person must not bring a text, or an audience, that the first has not seen."""
    rules(large.project, second_above=2)
    approve_occurrence(occurrence=large, acting_user=manager)
    client.force_login(second)
    page = reverse("communications:occurrence_detail", args=[large.project.slug, large.pk])
    assert "Needs a second approval." in client.get(page).content.decode()

    happens(large, second)
    shown = client.get(page).content.decode()
    assert ("Needs a second approval." in shown, "Needs approval again." in shown) == (False, True)
    again = Occurrence.objects.get(pk=large.pk)
    approve_occurrence(occurrence=again, acting_user=second)
    again.refresh_from_db()
    assert (again.state, again.first_approved_by) == (OccurrenceState.PLANNED, second)
    assert "Needs a second approval." in client.get(page).content.decode()
    approve_occurrence(occurrence=again, acting_user=manager)
    again.refresh_from_db()
    assert (again.state, again.approved_by) == (OccurrenceState.APPROVED, manager)


def test_what_is_being_sent_takes_no_first_approval(large: Occurrence, manager: User) -> None:
    rules(large.project, second_above=2)
    Occurrence.objects.filter(pk=large.pk).update(state=OccurrenceState.SENDING)

    with pytest.raises(StaleState, match="from “sending” to “approved”"):
        approve_occurrence(occurrence=large, acting_user=manager)

    large.refresh_from_db()
    assert large.first_approved_by is None
    assert not Event.objects.filter(project=large.project).exists()


def test_up_to_the_number_one_is_enough(large: Occurrence, manager: User) -> None:
    rules(large.project, second_above=3)
    approved = approve_occurrence(occurrence=large, acting_user=manager)
    assert approved.state == OccurrenceState.APPROVED


def test_ordering_now_is_no_way_around(large: Occurrence, manager: User, second: User) -> None:
    rules(large.project, second_above=2)
    large.message.cohort_kind = large.cohort.kind
    large.message.save()
    Occurrence.objects.filter(pk=large.pk).update(anchor_key=f"cohort:{large.cohort.pk}")
    with pytest.raises(OrderRefused, match="a second person must approve it"):
        order_now(message=large.message, cohort=large.cohort, acting_user=manager)
    large.refresh_from_db()
    assert large.state == OccurrenceState.PLANNED
    approve_occurrence(occurrence=large, acting_user=manager)
    ordered = order_now(message=large.message, cohort=large.cohort, acting_user=second)
    assert (ordered.pk, ordered.state) == (large.pk, OccurrenceState.APPROVED)


# ---- the page


def test_the_page_shows_and_changes_them(client: Client, project: Project, manager: User) -> None:
    client.force_login(manager)
    url = reverse("communications:rules", args=[project.slug])
    initial = client.get(url).context["form"].initial
    assert {name: initial[name] for name in DEFAULTS} == {**DEFAULTS, "staging_list": ""}
    data = {
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "second_above": "500",
        "mails_a_week": "",
        "is_one_an_address": "on",
        "is_staging": "on",
        "staging_list": "a@example.org\n@test.example.org\n",
    }
    assert client.post(url, data).status_code == 302
    stored = SendingRules.objects.get()
    assert {name: getattr(stored, name) for name in DEFAULTS} == {
        "quiet_from": time(22),
        "quiet_until": time(7),
        "second_above": 500,
        "mails_a_week": None,
        "is_one_an_address": True,
        "is_staging": True,
        "staging_list": ["a@example.org", "@test.example.org"],
    }
    assert client.post(url, data | {"quiet_until": ""}).status_code == 422
    assert client.post(url, data | {"staging_list": "no address"}).status_code == 422
    stored.refresh_from_db()
    assert stored.quiet_until == time(7)


def test_a_page_opened_before_does_not_turn_staging_off(
    client: Client, project: Project, manager: User
) -> None:
    client.force_login(manager)
    url = reverse("communications:rules", args=[project.slug])
    opened = client.get(url).context["form"].initial["seen"]
    stage = {"mails_a_week": "5", "is_staging": "on", "staging_list": "@test.example.org"}
    assert client.post(url, stage | {"seen": opened}).status_code == 302

    late = {"mails_a_week": "4", "quiet_from": "22:00", "quiet_until": "07:00", "seen": opened}
    answer = client.post(url, late)
    assert (answer.status_code, SendingRules.objects.get().is_staging) == (409, True)
    form = answer.context["form"]
    assert "Saved meanwhile by somebody else:" in answer.content.decode()
    assert dict(form.saved) == {
        "Quiet from": "–",
        "Quiet until": "–",
        "At most so many mails a week to one address": "5",
        "Staging: only the list below gets mail": "yes",
        "Addresses and @domains, one a line": "@test.example.org",
    }
    # Whoever saves once more has read it.
    assert client.post(url, late | {"seen": form["seen"].value()}).status_code == 302
    rules = SendingRules.objects.get()
    assert (rules.mails_a_week, rules.is_staging) == (4, False)


def test_hours_that_begin_and_never_end_are_refused(project: Project, manager: User) -> None:
    with pytest.raises(RulesRefused):
        change_rules(project=project, **DEFAULTS | {"quiet_from": time(22)}, acting_user=manager)
    assert SendingRules.objects.count() == 0
