"""Posts to Teams channels, from the approval to the ledger, against a Workflow of our own."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.db import connections
from django.utils.timezone import now

from communications.enums import AmbiguityPolicy, Channel, OccurrenceState, UncertainDecision
from communications.mailer import crash
from communications.models import Delivery, Message, Occurrence, SendingRules, TeamsChannel
from communications.queries.channels import is_any_post_due
from communications.services.outbox import resolve_uncertain, retry_failed
from communications.services.pausing import pause_message, resume_message
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.switch import set_switch
from communications.services.sending import post_due, send_due
from communications.services.teams_channels import remove_channel
from projects.models import Event
from tests.communications.pipeline import due_occurrence, run_worker, states
from tests.communications.sink import Sink
from tests.communications.workflow import Workflow, hangs_up, says, stalls, workflow
from tests.factories.communications import TeamsChannelFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "Wave 1 moves"


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.TEAMS_HOSTS = ["127.0.0.1"]


@pytest.fixture
def there() -> Iterator[Workflow]:
    with workflow() as kept:
        yield kept


def due_post(*urls: str, **also: Any) -> Occurrence:
    """Approved and due a minute ago, for a channel at each of ``urls``."""
    occurrence = due_occurrence(
        **{
            "message__channel": Channel.TEAMS,
            "message__audience_kind": "channels",
            "message__subject": TITLE,
            "message__body": "You move on **{switch_date}**.",
            "cohort__name": "Wave 1",
            **also,
        }
    )
    channels = [TeamsChannelFactory(project=occurrence.project, url=url) for url in urls]
    occurrence.message.audience_params = {"channels": [channel.pk for channel in channels]}
    occurrence.message.save()
    return occurrence


def go() -> dict[str, int]:
    """As the tasks do: a worker for house and mails, then the posts, then the house."""
    keep_house()
    did = dict(post_due(20.0))
    keep_house()
    return did


def row(occurrence: Occurrence) -> Delivery:
    return Delivery.objects.get(occurrence=occurrence)


def test_each_channel_gets_one_card_and_the_ledger_says_so() -> None:
    with workflow() as one, workflow(says(200)) as other:
        occurrence = due_post(one.url, other.url)
        assert go() == {"sent": 2}
        assert go() == {}
    assert (one.titles, other.titles) == ([TITLE], [TITLE])
    assert set(states(occurrence).values()) == {"sent"}
    rows = Delivery.objects.filter(occurrence=occurrence).order_by("pk")
    channels = list(TeamsChannel.objects.order_by("pk"))
    columns = ("recipient_key", "address", "smtp_code", "attempts", "content_revision")
    found = list(rows.values_list(*columns))
    assert found == [
        (f"c:{channels[0].pk}", channels[0].name, 202, 1, 1),
        (f"c:{channels[1].pk}", channels[1].name, 200, 1, 1),
    ]
    occurrence.refresh_from_db()
    assert occurrence.state == OccurrenceState.DONE
    sentence = Event.objects.get(verb="occurrence.done").sentence
    assert sentence == f"“{occurrence.message.title}” was posted to 2 channels."


def test_the_card_holds_text_and_facts(there: Workflow) -> None:
    due_post(there.url)
    go()
    (envelope,) = there.posts
    (attachment,) = envelope["attachments"]
    card = attachment["content"]
    assert envelope["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [run["text"] for run in card["body"][1]["inlines"]] == [
        "You move on ",
        "Tuesday 1 June 2038",
        ".",
    ]
    assert [fact["title"] for fact in card["body"][2]["facts"]] == ["Cohort", "Switch", "People"]


def test_mails_and_posts_leave_each_others_rows_alone(there: Workflow, sink: Sink) -> None:
    mails, posts = due_occurrence(3), due_post(there.url)
    assert run_worker() == {"sent": 3}
    assert set(states(posts).values()) == {"queued"}
    assert dict(post_due(5.0)) == {"sent": 1}
    assert (len(sink.mails), len(there.posts)) == (3, 1)
    assert set(states(mails).values()) == {"sent"}


def test_the_command_sends_both(there: Workflow, sink: Sink) -> None:
    occurrence = due_post(there.url, project=due_occurrence(2).project)
    report = send_due()
    assert (report.sent, report.remaining) == (3, 0)
    occurrence.refresh_from_db()
    assert occurrence.state == OccurrenceState.DONE


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (says(400), "failed", "refused by the Workflow"),
        (says(413), "failed", "refused by the Workflow"),
        (says(302, Location="http://127.0.0.1:1/"), "failed", "refused by the Workflow"),
        (says(429, Retry_After="30"), "queued", "put off by the Workflow"),
        (says(429), "queued", "put off by the Workflow"),
        (says(500), "queued", "put off by the Workflow"),
        (says(503), "queued", "put off by the Workflow"),
        (says(502), "uncertain", "the Workflow did not say whether it took the post"),
        (says(504), "uncertain", "the Workflow did not say whether it took the post"),
        (hangs_up, "uncertain", "the Workflow did not say whether it took the post"),
        (says(401), "queued", ""),
        (says(403), "queued", ""),
        (says(404), "queued", ""),
        (says(410), "queued", ""),
    ],
)
def test_what_each_answer_means(answer: Any, state: str, reason: str) -> None:
    with workflow(answer) as there:
        occurrence = due_post(there.url)
        go()
        go()
    assert (row(occurrence).state, row(occurrence).reason) == (state, reason)
    assert len(there.posts) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_closed_workflow_pauses_the_message_and_says_why(status: int) -> None:
    with workflow(says(status), says(202)) as there:
        occurrence = due_post(there.url)
        go()
        message = Message.objects.get(pk=occurrence.message_id)
        assert message.status == "paused"
        assert "no longer takes posts" in Event.objects.get(verb="message.paused").sentence
        resume_message(message=message, acting_user=UserFactory())
        TeamsChannel.objects.update(not_before=None)
        go()
    assert row(occurrence).state == "sent"
    assert len(there.posts) == 2


def test_a_wait_that_was_asked_for_is_kept() -> None:
    with workflow(says(429, Retry_After="120")) as there:
        occurrence = due_post(there.url)
        go()
    wait = row(occurrence).not_before - now()
    assert timedelta(seconds=110) < wait <= timedelta(seconds=120)
    assert TeamsChannel.objects.get().not_before > now() + timedelta(seconds=110)


def test_a_channel_that_cannot_be_reached_waits_and_holds_no_other_up(there: Workflow) -> None:
    with workflow() as gone:
        nowhere = gone.url
    occurrence = due_post(nowhere, there.url)
    assert go() == {"queued": 1, "sent": 1}
    waiting = Delivery.objects.get(occurrence=occurrence, state="queued")
    assert (waiting.attempts, waiting.reason) == (1, "put off by the Workflow")
    assert TeamsChannel.objects.get(pk=waiting.channel_id).failures_in_a_row == 1


def test_a_post_that_is_too_late_has_failed() -> None:
    with workflow(says(503)) as there:
        occurrence = due_post(there.url, not_after=now() + timedelta(seconds=20))
        go()
    assert (row(occurrence).state, row(occurrence).reason) == (
        "failed",
        "put off by the Workflow until too late",
    )


def test_send_again_and_treat_as_sent_are_a_persons_words() -> None:
    manager = UserFactory()
    with workflow(hangs_up, says(202)) as there:
        occurrence = due_post(there.url)
        go()
        occurrence.refresh_from_db()
        resolve_uncertain(
            occurrence=occurrence, decision=UncertainDecision.SEND_AGAIN, acting_user=manager
        )
        TeamsChannel.objects.update(not_before=None)
        go()
    assert (row(occurrence).state, len(there.posts)) == ("sent", 2)


def test_who_wants_it_twice_rather_than_never_gets_it_so() -> None:
    with workflow(hangs_up, says(202)) as there:
        occurrence = due_post(there.url, ambiguity=AmbiguityPolicy.RESEND)
        go()
        assert row(occurrence).state == "queued"
        Delivery.objects.update(not_before=now())
        TeamsChannel.objects.update(not_before=None)
        go()
    assert (row(occurrence).state, len(there.posts)) == ("sent", 2)


def test_what_failed_is_tried_again() -> None:
    with workflow(says(400), says(202)) as there:
        occurrence = due_post(there.url)
        go()
        occurrence.refresh_from_db()
        retry_failed(occurrence=occurrence, acting_user=UserFactory())
        go()
    assert (row(occurrence).state, len(there.posts)) == ("sent", 2)


def test_paused_is_not_posted_and_resumed_is(there: Workflow) -> None:
    occurrence, manager = due_post(there.url), UserFactory()
    keep_house()
    pause_message(message=occurrence.message, acting_user=manager)
    assert (go(), there.posts) == ({}, [])
    resume_message(message=occurrence.message, acting_user=manager)
    assert go() == {"sent": 1}


def test_nothing_is_posted_while_sending_is_off(there: Workflow) -> None:
    occurrence = due_post(there.url)
    keep_house()
    set_switch(is_on=False)
    assert dict(post_due(1.0)) == {}
    assert (there.posts, set(states(occurrence).values())) == ([], {"queued"})


def test_staging_and_the_allow_list_hold_posts_back(there: Workflow, settings: Any) -> None:
    first, second = due_post(there.url), due_post(there.url)
    SendingRules.objects.create(
        project=first.project, is_staging=True, staging_list=["a@example.org"]
    )
    keep_house()
    assert dict(post_due(2.0)) == {"skipped": 1, "sent": 1}
    assert row(first).reason.startswith("held back")
    third = due_post(there.url)
    settings.MAIL_ALLOW_LIST = ["@example.org"]
    assert go() == {"skipped": 1}
    assert (row(second).state, row(third).state, len(there.posts)) == ("sent", "skipped", 1)


def test_what_is_taken_away_gets_nothing(there: Workflow) -> None:
    occurrence = due_post(there.url, there.url, there.url)
    first, second, third = TeamsChannel.objects.order_by("pk")
    keep_house()
    remove_channel(channel=first, acting_user=UserFactory())
    message = Message.objects.get(pk=occurrence.message_id)
    assert message.audience_params == {"channels": [second.pk, third.pk]}
    message.audience_params = {"channels": [third.pk]}
    message.save()
    assert go() == {"skipped": 1, "sent": 1}
    found = Delivery.objects.filter(occurrence=occurrence).order_by("pk")
    assert [(r.state, r.reason, r.address) for r in found] == [
        ("skipped", "the channel was removed", first.name),
        ("skipped", "no longer among those it is for", second.name),
        ("sent", "", third.name),
    ]


def test_not_more_than_four_a_second_go_to_one_channel(there: Workflow) -> None:
    occurrence = due_post(there.url)
    for _n in range(3):
        due_occurrence(
            message__channel=Channel.TEAMS,
            message__audience_kind="channels",
            message__audience_params=occurrence.message.audience_params,
            message__body="x",
            message__project=occurrence.project,
        )
    keep_house()
    began = time.monotonic()
    assert go() == {"sent": 4}
    # From the beginning, not from each other: a post may be on its way for a while.
    assert [at - began > 0.24 * before for before, at in enumerate(there.at)] == [True] * 4


def test_two_processes_do_not_post_at_once(there: Workflow) -> None:
    due_post(there.url)
    keep_house()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [0x706F737473])
        assert (dict(post_due(1.0)), there.posts) == ({}, [])
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [0x706F737473])
    finally:
        other.close()
    assert dict(post_due(1.0)) == {"sent": 1}


def test_a_slow_workflow_holds_no_mail_up(sink: Sink) -> None:
    """Its own task waits for it; the worker with the mails does not look at its rows."""
    with workflow(stalls(5.0)) as slow:
        due_post(slow.url)
        keep_house()
        process = multiprocessing.get_context("fork").Process(target=_post)
        connections.close_all()
        process.start()
        try:
            while not slow.posts:
                assert process.is_alive()
            due_occurrence(20)
            assert run_worker() == {"sent": 20}
            assert process.is_alive()
        finally:
            process.kill()
            process.join()


def _post(crash_at: str = "") -> None:
    crash.arm(crash_at)
    post_due(20.0)


def die(crash_at: str) -> None:
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=_post, args=(crash_at,))
    process.start()
    process.join(20)
    assert process.exitcode == 137


def let_leases_run_out() -> None:
    Delivery.objects.exclude(lease_until=None).update(lease_until=now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("point", "state", "posts"),
    [
        ("after-claim", "sent", 1),
        ("before-begin", "sent", 1),
        ("before-mark", "sent", 1),
        ("after-mark", "uncertain", 0),
        ("before-dot", "uncertain", 0),
        ("after-answer", "uncertain", 1),
        ("before-result", "uncertain", 1),
        ("after-result", "uncertain", 1),  # the result is written with a lock, in a transaction
    ],
)
def test_a_process_that_dies_posts_nothing_twice(
    there: Workflow, point: str, state: str, posts: int
) -> None:
    occurrence = due_post(there.url)
    keep_house()
    die(f"{point}:1")
    let_leases_run_out()
    keep_house()
    TeamsChannel.objects.update(not_before=None)
    go()
    assert (row(occurrence).state, len(there.posts)) == (state, posts)
    told = Event.objects.filter(verb="occurrence.uncertain").count()
    assert told == (1 if state == "uncertain" else 0)


def test_a_process_killed_in_the_call_leaves_one_uncertain_post() -> None:
    killed: list[int] = []

    def kills(handler: BaseHTTPRequestHandler) -> None:
        os.kill(killed[0], signal.SIGKILL)

    with workflow(kills, says(202)) as there:
        occurrence = due_post(there.url)
        keep_house()
        connections.close_all()
        process = multiprocessing.get_context("fork").Process(target=_wait_and_post)
        process.start()
        killed.append(process.pid or 0)
        process.join(20)
        assert process.exitcode == -signal.SIGKILL
        let_leases_run_out()
        keep_house()
        TeamsChannel.objects.update(not_before=None)
        go()
    assert (row(occurrence).state, len(there.posts)) == ("uncertain", 1)


def _wait_and_post() -> None:
    post_due(20.0)


def test_a_post_built_before_its_text_changed_is_not_made(
    there: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark compares the version of the values, as for a mail."""
    from communications.services.pipeline import posting

    occurrence = due_post(there.url)
    keep_house()
    build = posting.post_content

    def moved_meanwhile(of: Occurrence) -> Any:
        content = build(of)
        Occurrence.objects.filter(pk=of.pk).update(values_version=of.values_version + 1)
        monkeypatch.setattr(posting, "post_content", build)
        return content

    monkeypatch.setattr(posting, "post_content", moved_meanwhile)
    post_due(1.0)
    assert (row(occurrence).state, there.posts) == ("queued", [])
    Delivery.objects.update(not_before=now())
    TeamsChannel.objects.update(not_before=None)
    go()
    assert (row(occurrence).state, len(there.posts)) == ("sent", 1)


def test_a_post_is_looked_for_where_posts_are(there: Workflow) -> None:
    due_occurrence(2)
    keep_house()
    assert not is_any_post_due(now())
    due_post(there.url)
    keep_house()
    assert is_any_post_due(now())
    go()
    assert not is_any_post_due(now())
