"""What users of other products complained about, tried from beginning to end.

Each of these would also be a mail too many, or one to the wrong person.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort, Participant
from cohorts.queries.anchors import anchors_of
from cohorts.services.members import leave, rejoin
from communications.audience_kinds import FOR_ONE_COHORT
from communications.enums import LatePolicy, MessageZone, SuppressionKind
from communications.models import Delivery, Occurrence
from communications.rendering.reading import parse
from communications.services.catching_up import catch_up
from communications.services.occurrences import create_occurrences
from communications.services.pipeline.expand import expand_chunk
from communications.services.pipeline.house import keep_house
from communications.services.suppressions import suppress
from projects.models import Project
from tests.communications.pipeline import add_people, due_occurrence, run_worker, states
from tests.communications.sink import Mail, Sink
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wave(project: Project) -> Cohort:
    return CohortFactory(project=project, name="Wave 1")


def send(cohort: Cohort, title: str, **also: Any) -> Occurrence:
    """A message of its own that goes to the cohort at once."""
    occurrence = due_occurrence(
        cohort=cohort,
        message__project=cohort.project,
        message__title=title,
        message__subject=title,
        **also,
    )
    run_worker()
    return occurrence


def subjects(sink: Sink, person: Participant) -> list[str]:
    mine = [mail for mail in sink.mails if mail.recipient == person.upn]
    return [str(parse(mail.raw.encode())["Subject"]) for mail in mine]


def test_who_comes_back_gets_what_comes_and_no_sequence_from_the_beginning(
    sink: Sink, wave: Cohort, manager: User
) -> None:
    """Sent before, waiting when they left, sent meanwhile, and after."""
    person, colleague = add_people(OccurrenceFactory(cohort=wave, message__project=wave.project), 2)
    send(wave, "had")
    waiting = OccurrenceFactory(
        cohort=wave, message__project=wave.project, message__subject="waiting", state="expanding"
    )
    expand_chunk(waiting.pk, now())
    leave(participant=person, acting_user=manager)
    send(wave, "missed")
    send(wave, "wanted late", message__late_policy=LatePolicy.SEND)
    rejoin(participant=person, acting_user=manager)
    send(wave, "ahead")
    while catch_up(at=now()):
        run_worker()
    run_worker()
    assert subjects(sink, person) == ["had", "ahead", "wanted late"]
    assert sorted(subjects(sink, colleague)) == sorted(
        ["had", "waiting", "missed", "wanted late", "ahead"]
    )


def test_two_who_share_an_address_get_a_mail_each_with_their_own_link(
    sink: Sink, wave: Cohort
) -> None:
    for name in ("Ann", "Bob"):
        MembershipFactory(
            cohort=wave,
            participant__project=wave.project,
            participant__display_name=name,
            participant__mail="front.desk@example.org",
        )
    body = "{person_name}: {my_upgrade_link}"
    send(wave, "Yours", message__body=body)
    said = [said_to(mail) for mail in sink.mails]
    assert [mail.recipient for mail in sink.mails] == ["front.desk@example.org"] * 2
    assert {name for name, _link in said} == {"Ann", "Bob"}
    for name, link in said:
        page = Client().get(link, follow=True).content.decode()
        assert [one for one in ("Ann", "Bob") if one in page] == [name]
    suppress(
        address="Front.Desk@Example.org",
        kind=SuppressionKind.DO_NOT_CONTACT,
        reason="asked",
        acting_user=None,
    )
    again = send(wave, "Again", message__body=body)
    assert set(states(again).values()) == {"skipped"}


def said_to(mail: Mail) -> tuple[str, str]:
    """Name and link of the text part."""
    message = parse(mail.raw.encode())
    text = message.get_body(("plain",))
    assert text is not None
    found = re.search(r"(\w+): https?://[^/\s]+(/\S+)", text.get_content())
    assert found is not None
    return found[1], found[2]


def test_addresses_that_no_server_takes_fail_alone(sink: Sink, wave: Cohort) -> None:
    """An import refuses them; from elsewhere they may stand in the table all the same."""
    bad = ("jörg@example.org", "a@example.org, b@example.org", "a@example.org\r\nBcc: x@y.org")
    for address in (*bad, "good@example.org", "", "jörg@bücher.example"):
        MembershipFactory(
            cohort=wave,
            participant__project=wave.project,
            participant__mail=address,
            participant__upn="",
            participant__key=f"key of {address!r}",
        )
    good = MembershipFactory(
        cohort=wave, participant__project=wave.project, participant__mail="joerg@bücher.example"
    )
    occurrence = send(wave, "Hello")
    rows = Delivery.objects.filter(occurrence=occurrence)
    assert dict(rows.values_list("participant__mail", "state")) == {
        **dict.fromkeys(bad, "failed"),
        "jörg@bücher.example": "failed",
        "": "skipped",
        "good@example.org": "sent",
        "joerg@bücher.example": "sent",
    }
    assert good.participant.mail == "joerg@bücher.example"
    assert {mail.recipient for mail in sink.mails} == {
        "good@example.org",
        "joerg@xn--bcher-kva.example",
    }


@pytest.mark.parametrize("zone", ["Mars/Olympus", ""])
def test_the_preview_says_by_which_clock_somebody_without_a_zone_gets_it(
    client: Client, wave: Cohort, manager: User, zone: str
) -> None:
    occurrence = OccurrenceFactory(
        cohort=wave, message__project=wave.project, message__zone=MessageZone.PERSON
    )
    person = MembershipFactory(
        cohort=wave, participant__project=wave.project, participant__timezone=zone
    ).participant
    client.force_login(manager)
    args = [wave.project.slug, occurrence.pk]
    page = client.get(
        f"{reverse('communications:occurrence_detail', args=args)}?person={person.pk}"
    )
    shown = " ".join(strip_tags(page.content.decode()).split())
    assert "Goes out Tue 25 May, 09:00, Europe/Berlin" in shown


def test_the_preview_takes_no_stakeholder_for_a_participant(
    client: Client, project: Project, manager: User
) -> None:
    occurrence = OccurrenceFactory(
        cohort=None,
        message__project=project,
        message__zone=MessageZone.PERSON,
        message__audience_kind="stakeholders",
        message__body="Hello {person_name}",
        message__subject="Hello",
    )
    reader = project.stakeholders.get(user=manager)
    ParticipantFactory(pk=reader.pk, project=project, timezone="Asia/Kolkata")
    client.force_login(manager)
    args = [project.slug, occurrence.pk]
    address = reverse("communications:occurrence_detail", args=args)
    page = client.get(f"{address}?person={reader.pk}").content.decode()
    shown = " ".join(strip_tags(page).split())
    assert f"To {reader.name}" in shown
    assert "Goes out Tue 25 May, 09:00, Europe/Berlin" in shown


@pytest.mark.parametrize("kind", FOR_ONE_COHORT)
def test_what_was_made_for_one_cohort_is_planned_for_no_other(wave: Cohort, kind: str) -> None:
    project = wave.project
    for_one = MessageFactory(project=project, audience_kind=kind)
    for_all = MessageFactory(project=project)
    OccurrenceFactory(message=for_one, cohort=wave)
    later = CohortFactory(project=project)
    create_occurrences(project=project, anchors=anchors_of(project), acting_user=None)
    planned = [(row.message, row.cohort) for row in project.occurrences.order_by("pk")]
    assert planned == [(for_one, wave), (for_all, wave), (for_all, later)]


def test_a_message_whose_day_is_over_is_missed_and_not_sent(sink: Sink, wave: Cohort) -> None:
    """A copy of one that was sent, say: its day has come and gone before it was there."""
    MembershipFactory(cohort=wave, participant__project=wave.project)
    today = now()
    Cohort.objects.filter(pk=wave.pk).update(switch_on=today.date() - timedelta(days=30))
    MessageFactory(project=wave.project, not_after_days=3)
    create_occurrences(project=wave.project, anchors=anchors_of(wave.project), acting_user=None)
    (occurrence,) = wave.project.occurrences.all()
    assert (occurrence.state, occurrence.approved_at) == ("planned", None)
    run_worker()
    keep_house()
    occurrence.refresh_from_db()
    assert (occurrence.state, Delivery.objects.count(), sink.mails) == ("missed", 0, [])
