"""A mail leaves and becomes unwanted at the same moment, again and again; the sink is the truth.

The mail server holds a mail back until somebody has begun to make it unwanted; both go on after a
while of chance, the mail's as long as it takes for about half of them to be first. In its last
moment that transaction looks at the person's mail: it must be taken back or marked, never waiting;
and who was not marked by then never gets it.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from queue import SimpleQueue
from random import Random
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.timezone import now

from cohorts.models import Cohort, Participant
from cohorts.services.members import assign_people, leave
from communications.enums import UNFINISHED
from communications.exceptions import OutboxRefused
from communications.models import Delivery, Message, Occurrence
from communications.services.sending import send_due
from communications.services.suppressions import suppress
from communications.services.unsubscribing import unsubscribe
from rollout.services.erase import erase_participant
from surveys.models import Invitation
from surveys.services.responses import submit_response
from tests.communications.pipeline import due_occurrence
from tests.communications.sink import Sink
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.people import UserFactory
from tests.factories.surveys import ANSWERS, InvitationFactory, open_survey_row, survey_messages

ACTORS = 3
LATE_SECONDS = 0.03
MARKED = {"sending", "sent", "uncertain"}


def to_the_cohort(people: int) -> Occurrence:
    return due_occurrence(people)


def reminder(people: int) -> Occurrence:
    """Of an open survey, to those who have not answered."""
    cohort: Cohort = CohortFactory()
    survey_messages(cohort)
    day = timedelta(days=1)
    survey = open_survey_row(cohort, opened_at=now() - 3 * day, closes_at=now() + 9 * day)
    for _person in range(people):
        place = MembershipFactory(cohort=cohort)
        InvitationFactory(survey=survey, participant=place.participant)
    message = Message.objects.get(project=cohort.project, key="feedback-reminder")
    return due_occurrence(message=message, cohort=cohort)


def answers(person: Participant) -> None:
    invitation = Invitation.objects.get(participant=person)
    submit_response(invitation=invitation, answers=ANSWERS, at=now())


def unsubscribes(person: Participant) -> None:
    """By the link of an earlier mail."""
    unsubscribe(delivery=Delivery(address=person.address))


def is_not_to_be_contacted(person: Participant) -> None:
    suppress(address=person.address, reason="asked", acting_user=None)


def is_moved(person: Participant) -> None:
    other = Cohort.objects.get(project=person.project, name="Later")
    assign_people(
        cohort=other, participants=Participant.objects.filter(pk=person.pk), acting_user=None
    )


def leaves(person: Participant) -> None:
    leave(participant=person, acting_user=None)


def is_erased(person: Participant) -> None:
    """Refused while the mail is being handed over; whoever tries again a moment later may."""
    erase_participant(participant=person, acting_user=person.project.created_by)


@dataclass(frozen=True, slots=True)
class Kind:
    """``prepare`` makes an occurrence that is due for so many; ``happens`` makes it unwanted."""

    happens: Callable[[Participant], None]
    prepare: Callable[[int], Occurrence] = to_the_cohort


KINDS = {
    "answer": Kind(answers, reminder),
    "unsubscribe": Kind(unsubscribes),
    "suppression": Kind(is_not_to_be_contacted),
    "membership": Kind(is_moved),
    "leaving": Kind(leaves),
    "deletion": Kind(is_erased),
}


@dataclass(slots=True)
class HeldBack:
    """A mail waits for up to so many ``seconds``: longer after one that was first, shorter after
    one that was not. What makes it unwanted may take a tenth of a second on a slow machine."""

    seconds: float = LATE_SECONDS

    def note(self, *, is_mail_first: bool) -> None:
        self.seconds = min(1.0, self.seconds * 1.3) if is_mail_first else self.seconds / 1.3


@dataclass(slots=True)
class Pair:
    """``state``: of the person's mail when the transaction ended that made it unwanted."""

    person: Participant
    begun: Event = field(default_factory=Event)
    state: str = ""
    fault: str = ""


@dataclass(slots=True)
class Result:
    """How often the mail was marked first, how often not, and what must never be."""

    mail_first: int = 0
    unwanted_first: int = 0
    faults: list[str] = field(default_factory=list)


def race(kind: Kind, pairs: int, sink: Sink, chance: Random) -> Result:
    """So many people of one occurrence, each raced once, while one worker sends to them all."""
    occurrence = kind.prepare(pairs)
    CohortFactory(project=occurrence.project, name="Later")
    if occurrence.project.created_by is None:
        occurrence.project.created_by = UserFactory()
        occurrence.project.save()
    people = Participant.objects.filter(project=occurrence.project).select_related("project")
    raced = {person.address: Pair(person) for person in people}
    jobs: SimpleQueue[Pair | None] = SimpleQueue()
    held_back = HeldBack()

    def hold_back(stage: str, text: str) -> None:
        pair = raced.get(text.partition("<")[2].partition(">")[0]) if stage == "RCPT" else None
        if pair is not None and not pair.begun.is_set():
            jobs.put(pair)
            pair.begun.wait(10)
            time.sleep(chance.uniform(0, held_back.seconds))

    what = jobs, kind, occurrence, chance, held_back
    actors = [Thread(target=_act, args=what) for _n in range(ACTORS)]
    sink.script = hold_back
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    for actor in actors:
        actor.start()
    try:
        send_due()
        drain(occurrence)
    finally:
        for _actor in actors:
            jobs.put(None)
        for actor in actors:
            actor.join()
    drain(occurrence)  # of whoever made it unwanted last
    return _judge(list(raced.values()), occurrence, sink)


def _act(
    jobs: "SimpleQueue[Pair | None]",
    kind: Kind,
    occurrence: Occurrence,
    chance: Random,
    held_back: HeldBack,
) -> None:
    try:
        while (pair := jobs.get()) is not None:
            pair.begun.set()
            time.sleep(chance.uniform(0, LATE_SECONDS))
            try:
                _make_unwanted(pair, kind, occurrence)
                held_back.note(is_mail_first=pair.state in MARKED)
            except Exception as error:  # noqa: BLE001 - it is the result of this pair
                pair.fault = f"{type(error).__name__}: {error}"
    finally:
        connection.close()


def _make_unwanted(pair: Pair, kind: Kind, occurrence: Occurrence) -> None:
    for _try in range(500):
        try:
            with transaction.atomic():
                kind.happens(pair.person)
                pair.state = _state(pair.person, occurrence)
        except OutboxRefused:
            time.sleep(0.01)
        else:
            return


def _state(person: Participant, occurrence: Occurrence) -> str:
    rows = Delivery.objects.filter(participant=person, occurrence=occurrence)
    return rows.values_list("state", flat=True).first() or "none"


def drain(occurrence: Occurrence) -> None:
    """Send what is left, and at once what a worker has put off."""
    rows = Delivery.objects.filter(occurrence=occurrence, state__in=UNFINISHED)
    while rows.update(not_before=now()):
        send_due()


def _judge(pairs: list[Pair], occurrence: Occurrence, sink: Sink) -> Result:
    taken = Counter(mail.message_id for mail in sink.mails)
    rows: dict[int, tuple[Any, str]] = {
        person: (number, state)
        for person, number, state in Delivery.objects.filter(occurrence=occurrence).values_list(
            "participant", "message_id", "state"
        )
    }
    result = Result()
    for pair in pairs:
        number, state = rows[pair.person.pk]
        times = taken[f"<{number}@localhost>"]
        is_first = pair.state in MARKED
        result.mail_first += is_first
        result.unwanted_first += not is_first
        wrong = _wrong(pair, state, times)
        if wrong:
            result.faults.append(f"person {pair.person.pk}: {wrong}")
    return result


def _wrong(pair: Pair, state: str, times: int) -> str:
    """What must never be, as a few words; empty where all is well."""
    if pair.fault:
        return pair.fault
    if times > 1:
        return f"got the mail {times} times"
    if pair.state not in MARKED | {"skipped"}:
        return f"their mail was {pair.state or 'never made unwanted'} at the commit"
    if pair.state == "skipped" and (times, state) != (0, "skipped"):
        return f"their mail was taken back, is {state} and arrived {times} times"
    if (state == "sent") != (times == 1):
        return f"their mail is {state} and arrived {times} times"
    return ""
