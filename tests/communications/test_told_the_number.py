"""No way to mail people without being told how many, and seeing three of them, first.

Every place from which a person makes mail leave stands in WAYS; who adds one is told so here.
"""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort, Participant
from communications.again import is_much_more, why_again
from communications.enums import DeliveryState, LatePolicy, MessageStatus, OccurrenceState
from communications.models import Delivery, Message, Occurrence, SendingRules
from communications.queries.reach import funnel
from communications.services.approval import approve_occurrence
from communications.services.catching_up import catch_up
from communications.services.messages import update_message
from communications.services.pipeline.plan import start_due
from communications.services.pipeline.switch import set_switch
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import (
    DeliveryFactory,
    MessageFactory,
    OccurrenceFactory,
    SuppressionFactory,
)

pytestmark = pytest.mark.django_db
NAMES = ("Ada Arndt", "Bea Brandt", "Cem Can", "Dan Dorn")
# {service that makes mail leave: where a person reaches it}
WAYS = {
    "approve_occurrence": {"communications/views/occurrence.py"},
    "send_now": {"communications/views/occurrence.py"},
    "retry_failed": {"communications/views/occurrence.py"},
    "resolve_uncertain": {"communications/views/occurrence.py"},
    "send_to_late": {"communications/views/occurrence.py"},
    "resume_message": {"communications/views/message.py"},
    "order_now": {"communications/management/commands/send_message.py"},
    "open_survey": {
        "surveys/views/manage.py",
        "surveys/management/commands/open_survey.py",
    },
    "apply_reschedule": {
        "rollout/views/reschedule.py",
        "rollout/management/commands/reschedule.py",
    },
    "resume_project": {"rollout/views/resume.py"},
    "split_wave": {"rollout/views/waves.py"},
    "merge_waves": {"rollout/views/waves.py"},
    "set_switch": {"communications/management/commands/send_switch.py"},
    # One mail to one person, whose name stands on the page.
    "approve_deferral": {"rollout/views/deferrals.py"},
    "enter_deferral": {"rollout/views/deferrals.py"},
    "choose_date": {"rollout/views/my_upgrade_deeds.py"},
    # Only services of those above may call these.
    "approve_now": set(),
    "approve_as_due": set(),
    "order_correction": set(),
    "tell_new_date": set(),
    "schedule_occurrence": set(),
}


@pytest.fixture
def wave(project: Project) -> Cohort:
    cohort = CohortFactory(project=project, name="Wave 1", capacity=None)
    join(cohort, *NAMES)
    return cohort


@pytest.fixture
def occurrence(project: Project, wave: Cohort) -> Occurrence:
    soon = now() + timedelta(days=1)
    return OccurrenceFactory(
        message__project=project, cohort=wave, due_at=soon, not_after=soon + timedelta(days=3)
    )


@pytest.fixture
def client(as_user: Callable[[User], Client], manager: User) -> Client:
    return as_user(manager)


def join(cohort: Cohort, *names: str) -> None:
    for name in names:
        MembershipFactory(cohort=cohort, participant__display_name=name)


def crowd(cohort: Cohort, number: int = 40) -> None:
    join(cohort, *(f"Zoe {n}" for n in range(number)))


def page(client: Client, name: str, *args: object) -> str:
    text = client.get(reverse(f"communications:{name}", args=args)).content.decode()
    return re.sub(r"\s+", " ", text)


def of(occurrence: Occurrence) -> tuple[str, int]:
    return occurrence.project.slug, occurrence.pk


def press(client: Client, name: str, occurrence: Occurrence, **data: object) -> int:
    return client.post(reverse(f"communications:{name}", args=of(occurrence)), data).status_code


def state(occurrence: Occurrence) -> str:
    return Occurrence.objects.get(pk=occurrence.pk).state


def test_every_way_is_known() -> None:
    """Views and commands that call a service which makes mail leave; `from … import` counts."""
    root = Path(settings.BASE_DIR)
    places = [*root.glob("*/views/*.py"), *root.glob("*/management/commands/*.py")]
    found = {
        service: {
            str(place.relative_to(root))
            for place in places
            if re.search(rf"\b{service}\b", place.read_text())
        }
        for service in WAYS
    }
    assert found == WAYS


# ---- approving


def test_the_button_stands_beside_the_number_and_three(
    client: Client, occurrence: Occurrence
) -> None:
    shown = page(client, "occurrence_detail", *of(occurrence))
    assert "Approve for 4 people" in shown
    assert [name in shown for name in NAMES] == [True, True, True, False]


def test_who_gets_nothing_is_named_with_the_reason(
    client: Client, occurrence: Occurrence, wave: Cohort
) -> None:
    gone, silent, had = wave.memberships.order_by("pk")[:3]
    SuppressionFactory(address_key=gone.participant.upn)
    SuppressionFactory(address_key=silent.participant.upn, kind="do_not_contact")
    DeliveryFactory(occurrence=occurrence, participant=had.participant, state="skipped")
    deferred = CohortFactory(project=wave.project, name="Wave 2")
    MembershipFactory(cohort=deferred, deferred_from=wave)
    found = funnel(occurrence, now())
    assert (found.total, found.reachable, found.deferred) == (4, 1, 1)
    assert {why: n for why, _words, n in found.out} == {
        "no_address": 0,
        "do_not_contact": 1,
        "suppressed": 1,
        "has_it": 1,
    }
    shown = page(client, "occurrence_detail", *of(occurrence))
    assert "Approve for 1 person" in shown
    assert "1 person was deferred to a later cohort" in shown


def test_who_had_it_with_another_cohort_does_not_hide_the_others(
    client: Client, occurrence: Occurrence, wave: Cohort
) -> None:
    had = wave.memberships.order_by("pk").first().participant
    DeliveryFactory(occurrence=occurrence, participant=had, state="skipped")
    board = client.get(reverse("communications:message_list", args=[wave.project.slug])).context[
        "board"
    ]
    assert [line.people for line in board.coming] == [4]


def test_staging_and_the_allow_list_hold_back(
    client: Client, occurrence: Occurrence, wave: Cohort, settings: Any
) -> None:
    first = wave.memberships.order_by("pk").first()
    SendingRules.objects.create(
        project=wave.project, is_staging=True, staging_list=[first.participant.upn]
    )
    assert (funnel(occurrence, now()).held_back, funnel(occurrence, now()).reachable) == (3, 1)
    settings.MAIL_ALLOW_LIST = ["@elsewhere.example"]
    assert (funnel(occurrence, now()).held_back, funnel(occurrence, now()).reachable) == (4, 0)


def test_what_is_different_by_now_is_refused(
    client: Client, occurrence: Occurrence, wave: Cohort, manager: User
) -> None:
    approve = partial(press, client, "occurrence_approve", occurrence)
    found = funnel(occurrence, now())
    assert (approve(), approve(people=4), approve(people=4, mark=found.mark)) == (422, 422, 422)
    assert approve(people=5, mark=found.mark, text=1) == 409
    wave.memberships.order_by("pk").first().delete()
    join(wave, "Eva Ernst")  # as many, but others
    assert approve(people=4, mark=found.mark, text=1) == 409
    seen = {"people": 4, "mark": funnel(occurrence, now()).mark}
    message = Message.objects.get(pk=occurrence.message_id)
    update_message(message=message, title="T", subject="New", body="B", acting_user=manager)
    assert approve(**seen, text=1) == 409
    assert state(occurrence) == OccurrenceState.PLANNED
    assert approve(**seen, text=2) == 302


def test_what_changed_since_it_was_approved_is_shown(
    client: Client, occurrence: Occurrence, wave: Cohort, manager: User
) -> None:
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    assert "Changed since" not in page(client, "occurrence_detail", *of(occurrence))
    wave.memberships.order_by("pk").first().delete()
    join(wave, "Eva Ernst", "Fay Fuchs")
    Message.objects.filter(pk=occurrence.message_id).update(revision=2)
    later = occurrence.due_at + timedelta(days=1)
    Occurrence.objects.filter(pk=occurrence.pk).update(due_at=later)
    shown = page(client, "occurrence_detail", *of(occurrence))
    for sentence in (
        "Changed since it was approved.",
        "2 people joined, among them Eva Ernst, Fay Fuchs.",
        "1 person will not get it any more.",
        "The text is revision 2 by now; revision 1 was approved.",
        "Its date moved: it was approved for",
    ):
        assert sentence in shown


def test_far_more_people_than_approved_take_the_approval_back(
    client: Client, occurrence: Occurrence, wave: Cohort, manager: User
) -> None:
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    crowd(wave)
    shown = page(client, "occurrence_detail", *of(occurrence))
    assert "It was approved for 4 people and would now go to 44." in shown
    assert "Approve for 44 people" in shown
    Occurrence.objects.filter(pk=occurrence.pk).update(due_at=now() - timedelta(minutes=1))
    assert start_due(now()) == 0
    assert (state(occurrence), Delivery.objects.count()) == (OccurrenceState.PLANNED, 0)
    event = occurrence.project.events.get(verb="occurrence.unapproved")
    assert "approved for 4 people and would now go to 44" in event.sentence
    found = funnel(occurrence, now())
    data = {"people": 44, "mark": found.mark, "text": 1}
    assert press(client, "occurrence_approve", occurrence, **data) == 302
    assert start_due(now()) == 1


def test_a_few_more_go_along(occurrence: Occurrence, wave: Cohort, manager: User) -> None:
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    crowd(wave, 20)
    Occurrence.objects.filter(pk=occurrence.pk).update(due_at=now() - timedelta(minutes=1))
    assert start_due(now()) == 1


def test_an_approval_that_no_longer_holds_can_be_given_anew_at_once(
    client: Client, occurrence: Occurrence, wave: Cohort, manager: User
) -> None:
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    crowd(wave)
    found = funnel(occurrence, now())
    data = {"people": 44, "mark": found.mark, "text": 1}
    assert press(client, "occurrence_approve", occurrence, **data) == 302
    row = Occurrence.objects.get(pk=occurrence.pk)
    assert (row.state, row.approved_count) == (OccurrenceState.APPROVED, 44)
    assert press(client, "occurrence_approve", occurrence, **data) == 409


@pytest.mark.parametrize(
    ("approved", "people", "expected"),
    [(0, 20, False), (0, 21, True), (1000, 1100, False), (1000, 1101, True), (50, 40, False)],
)
def test_what_far_more_means(approved: int, people: int, expected: bool) -> None:
    assert is_much_more(approved, people) is expected


def test_two_must_have_seen_what_goes_to_many() -> None:
    many = {"approved": 900, "people": 950, "is_seconded": True}
    assert not why_again(**many, second_above=800, is_new_text=False)
    assert why_again(**many, second_above=800, is_new_text=True)
    assert why_again(**many, second_above=920, is_new_text=False)


def test_send_now_asks_the_same(
    client: Client, occurrence: Occurrence, wave: Cohort, manager: User
) -> None:
    shown = page(client, "occurrence_detail", *of(occurrence))
    assert "Send now to 4 people" in shown
    found = funnel(occurrence, now())
    send = partial(press, client, "occurrence_send_now", occurrence)
    seen = {"people": 4, "mark": found.mark, "text": 1}
    assert (send(), send(people=4, mark=found.mark)) == (422, 422)
    different = ({"people": 5}, {"mark": found.mark + 1}, {"text": 2})
    assert [send(**seen | other) for other in different] == [409, 409, 409]
    assert state(occurrence) == OccurrenceState.PLANNED
    assert send(**seen) == 302
    row = Occurrence.objects.get(pk=occurrence.pk)
    assert (row.state, row.approved_count, row.approved_by) == ("approved", 4, manager)
    assert row.due_at <= now()
    assert "Send now to" not in page(client, "occurrence_detail", *of(occurrence))


def test_what_was_approved_for_a_few_is_approved_anew_when_sent_now(
    client: Client, occurrence: Occurrence, wave: Cohort, manager: User
) -> None:
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    crowd(wave)
    data = {"people": 44, "mark": funnel(occurrence, now()).mark, "text": 1}
    assert press(client, "occurrence_send_now", occurrence, **data) == 302
    assert Occurrence.objects.get(pk=occurrence.pk).approved_count == 44
    assert start_due(now()) == 1


# ---- trying again, going on


def test_what_is_sent_again_is_counted_and_named(client: Client, occurrence: Occurrence) -> None:
    Occurrence.objects.filter(pk=occurrence.pk).update(state=OccurrenceState.DONE)
    for name in ("Fritz Failed", "Fred Failed"):
        DeliveryFactory(occurrence=occurrence, state="failed", participant__display_name=name)
    for name in ("Uwe Unsure", "Ute Unsure", "Udo Unsure"):
        DeliveryFactory(occurrence=occurrence, state="uncertain", participant__display_name=name)
    shown = page(client, "occurrence_detail", *of(occurrence))
    assert "Try the 2 that failed again" in shown
    assert "Among them: Fritz Failed, Fred Failed." in shown
    assert "Send the 3 again" in shown
    assert "Among them: Uwe Unsure, Ute Unsure, Udo Unsure." in shown
    before = list(Delivery.objects.order_by("pk").values())
    for number in ({}, {"people": 1}):
        assert press(client, "occurrence_retry", occurrence, **number) in (409, 422)
        again = {"decision": "send_again", **number}
        assert press(client, "occurrence_decide", occurrence, **again) in (409, 422)
    assert list(Delivery.objects.order_by("pk").values()) == before


def test_resuming_says_to_whom(client: Client, occurrence: Occurrence, manager: User) -> None:
    waiting = OccurrenceFactory(
        message=occurrence.message,
        cohort=CohortFactory(project=occurrence.project),
        state=OccurrenceState.SENDING,
    )
    DeliveryFactory(occurrence=waiting, participant__display_name="Willi Waits")
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    Occurrence.objects.filter(pk=occurrence.pk).update(due_at=now() - timedelta(minutes=1))
    Message.objects.update(status=MessageStatus.PAUSED)
    slug, message = occurrence.project.slug, occurrence.message_id
    shown = page(client, "message_detail", slug, message)
    assert "Resume and send to 5 people" in shown
    assert "Willi Waits, Ada Arndt, Bea Brandt" in shown
    resume = reverse("communications:message_resume", args=[slug, message])
    assert client.post(resume).status_code == 422
    assert client.post(resume, {"people": 4}).status_code == 409
    assert Message.objects.get(pk=message).status == MessageStatus.PAUSED
    assert client.post(resume, {"people": 5}).status_code == 302


def test_many_who_join_late_wait_for_a_person(
    client: Client, occurrence: Occurrence, wave: Cohort
) -> None:
    Message.objects.update(late_policy=LatePolicy.SEND)
    rows = Occurrence.objects.filter(pk=occurrence.pk)
    rows.update(state=OccurrenceState.DONE, approved_count=4, due_at=now() - timedelta(days=1))
    for one in wave.memberships.all():
        DeliveryFactory(occurrence=occurrence, participant=one.participant, state="sent")
    crowd(wave)
    assert catch_up(at=now()) == 0
    shown = page(client, "occurrence_detail", *of(occurrence))
    assert "40 people joined after it had gone out." in shown
    assert "Send it to 40 people" in shown
    assert "Zoe 0, Zoe 1, Zoe 10" in shown
    assert press(client, "occurrence_late", occurrence) == 422
    assert press(client, "occurrence_late", occurrence, people=39) == 409
    assert state(occurrence) == OccurrenceState.DONE
    assert press(client, "occurrence_late", occurrence, people=40) == 302
    assert state(occurrence) == OccurrenceState.EXPANDING


# ---- copies


def test_a_copy_waits_for_its_own_approval(
    client: Client, occurrence: Occurrence, manager: User
) -> None:
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    slug, pk = occurrence.project.slug, occurrence.message_id
    form = client.get(reverse("communications:message_copy", args=[slug, pk])).context["form"]
    data = {name: form[name].value() for name in form.fields}
    given = {name: "" if value is None else value for name, value in data.items()}
    given |= {name: "on" for name, value in data.items() if value is True}
    given = {name: value for name, value in given.items() if value is not False}
    done = client.post(reverse("communications:message_new", args=[slug]), given)
    assert done.status_code == 302
    copies = Occurrence.objects.exclude(message=pk)
    assert {row.state for row in copies} == {OccurrenceState.PLANNED}


# ---- the command line


def test_send_message_tells_before_it_sends(occurrence: Occurrence, manager: User) -> None:
    said = io.StringIO()
    call_command(
        "send_message",
        occurrence.project.slug,
        occurrence.message.key,
        "--cohort",
        "Wave 1",
        "--as",
        manager.email,
        stdout=io.StringIO(),
        stderr=said,
    )
    first = said.getvalue().splitlines()[0]
    people = Participant.objects.filter(display_name__in=NAMES[:3]).order_by("display_name")
    named = ", ".join(f"{one.display_name} ({one.address})" for one in people)
    assert (people.count(), first) == (3, f"It goes to 4 people, among them {named}.")


def test_at_a_terminal_send_message_asks(
    occurrence: Occurrence, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def run(*more: str) -> None:
        call_command(
            "send_message",
            occurrence.project.slug,
            occurrence.message.key,
            "--cohort=Wave 1",
            f"--as={manager.email}",
            *more,
            stdout=io.StringIO(),
            stderr=io.StringIO(),
        )

    monkeypatch.setattr("sys.stdin", Terminal("no\n"))
    with pytest.raises(Exception, match="Nothing was sent"):
        run()
    assert state(occurrence) == OccurrenceState.PLANNED
    run("--yes")
    assert state(occurrence) == OccurrenceState.APPROVED


def test_turning_sending_on_says_for_whom(occurrence: Occurrence, manager: User) -> None:
    set_switch(is_on=False)
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    Occurrence.objects.filter(pk=occurrence.pk).update(due_at=now() - timedelta(minutes=1))
    said = io.StringIO()
    call_command("send_switch", "on", stdout=io.StringIO(), stderr=said)
    assert said.getvalue() == ("It goes to 4 people, among them Ada Arndt, Bea Brandt, Cem Can.\n")


# ---- whom it is for, before it goes out


def test_the_audience_is_listed_filtered_and_downloaded(
    client: Client, occurrence: Occurrence, wave: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = wave.memberships.order_by("pk").first().participant
    SuppressionFactory(address_key=gone.upn)
    monkeypatch.setattr("communications.queries.audience_page.PAGE", 2)
    address = reverse("communications:audience_list", args=of(occurrence))
    names, query = [], "?why=gets_it"
    while query:
        response = client.get(address + query)
        names += [row.name for row in response.context["rows"]]
        query = response.context["next_url"]
    assert names == list(NAMES[1:])
    out = client.get(address, {"why": "suppressed"}).context["rows"]
    assert [row.name for row in out] == ["Ada Arndt"]
    file = client.get(reverse("communications:audience_export", args=of(occurrence)))
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 5
    assert "Ada Arndt" in lines[1]
    assert "suppressed" in lines[1]


def test_the_pages_take_as_many_queries_for_many(
    client: Client, occurrence: Occurrence, wave: Cohort, manager: User,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    for number in (10, 60):
        crowd(wave, number)
        for name, queries in (("audience_list", 16), ("occurrence_detail", 26)):
            with django_assert_num_queries(queries):
                client.get(reverse(f"communications:{name}", args=of(occurrence)))


def test_a_sum_is_a_sum(occurrence: Occurrence, wave: Cohort) -> None:
    SuppressionFactory(address_key=wave.memberships.first().participant.upn)
    MessageFactory(project=wave.project)
    found = funnel(occurrence, now())
    assert found.total == found.reachable + sum(number for _why, _words, number in found.out)
    assert DeliveryState.SENT not in {row.state for row in occurrence.deliveries.all()}
