"""A worker that sends and a manager who moves the date, at the same moment; the sink is the truth.

What must hold whoever was faster: each person gets the message once; whoever reads the old date in
it gets one correction; whoever reads the new one gets none.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from threading import Barrier, Thread
from typing import Any

from django.db import connection
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort, Participant
from cohorts.switching import dates_of
from common.exceptions import StaleState
from communications.enums import UNFINISHED, OccurrenceState
from communications.models import Delivery
from communications.rendering import read_mail
from communications.services.pipeline.clock import database_now
from communications.services.sending import send_due
from rollout.queries.reschedule import plan_reschedule
from rollout.services.reschedule import apply_reschedule
from tests.communications.sink import Mail, Sink
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory

OLD, NEW = date(2031, 6, 3), date(2031, 6, 10)
OLD_WORDS, NEW_WORDS = "Tuesday 3 June 2031", "Tuesday 10 June 2031"
PEOPLE = 6


@dataclass
class Told:
    """What reached people: {address: number} of each kind of mail."""

    old: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    corrections: Counter[str] = field(default_factory=Counter)
    people: set[str] = field(default_factory=set)

    @property
    def faults(self) -> list[str]:
        """Sentences; empty where nobody was told wrongly, twice or not at all."""
        found = []
        for address in sorted(self.people):
            old, new = self.old[address], self.new[address]
            if old + new != 1:
                found.append(f"{address} got the message {old + new} times")
            if self.corrections[address] != old:
                found.append(
                    f"{address} read the old date {old} times and got"
                    f" {self.corrections[address]} corrections"
                )
        strangers = (self.old + self.new + self.corrections).keys() - self.people
        return [*found, *(f"{address} is nobody of the cohort" for address in strangers)]


def cohort_with_a_mail_due(manager: User) -> Cohort:
    cohort: Cohort = CohortFactory(
        project__created_by=manager, switch_on=OLD, ends_on=OLD + timedelta(days=14)
    )
    message = MessageFactory(
        project=cohort.project,
        has_calendar=True,
        subject="Your date",
        body="{person_name}: {switch_date}",
    )
    due_at = now() - timedelta(minutes=1)
    OccurrenceFactory(
        message=message,
        cohort=cohort,
        state=OccurrenceState.APPROVED,
        due_at=due_at,
        wall_at=due_at,
        not_after=due_at + timedelta(days=3),
    )
    for _person in range(PEOPLE):
        MembershipFactory(cohort=cohort)
    return cohort


def race(cohort: Cohort, manager: User, random: Random) -> None:
    """One pair: the worker begins at once, the manager a moment later, sometimes too late."""
    slow = random.uniform(0, 0.3)
    together(lambda: (time.sleep(slow), move(cohort, manager)), lambda: send_due(seconds=30))


def drain() -> None:
    """Send all that is left, and at once what a worker has put off."""
    while Delivery.objects.filter(state__in=UNFINISHED).update(not_before=now()):
        send_due()
    send_due()


def told_by(sink: Sink) -> Told:
    """What the sink took, of everybody of all cohorts."""
    told = Told(people=set(Participant.objects.values_list("upn", flat=True)))
    for mail in sink.mails:
        count(told, mail)
    return told


def move(cohort: Cohort, manager: User) -> None:
    """As the page does it: look, then do; when something changed meanwhile, look again."""
    while True:
        fresh = Cohort.objects.select_related("project").get(pk=cohort.pk)
        new = dates_of(fresh).on(NEW)
        plan = plan_reschedule(cohort=fresh, new=new, at=database_now())
        try:
            apply_reschedule(cohort=fresh, new=new, acting_user=manager, seen_digest=plan.digest)
        except StaleState:
            continue
        return


def count(told: Told, mail: Mail) -> None:
    read = read_mail(mail.raw.encode())
    text, entry = read.text, read.calendar
    if "New date" in read.subject:
        assert NEW_WORDS in text
        assert "DTSTART;TZID=Europe/Berlin:20310610T180000" in entry
        assert "\nSEQUENCE:1\n" in entry
        told.corrections[mail.recipient] += 1
    elif OLD_WORDS in text:
        assert ("\nSEQUENCE:0\n" in entry, "20310603T180000" in entry) == (True, True)
        told.old[mail.recipient] += 1
    else:
        assert NEW_WORDS in text
        assert ("\nSEQUENCE:1\n" in entry, "20310610T180000" in entry) == (True, True)
        told.new[mail.recipient] += 1


def together(*jobs: Callable[[], Any]) -> None:
    """Each in a thread with a connection of its own; raises what the first that failed raised."""
    start, faults = Barrier(len(jobs)), []

    def run(job: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            job()
        except Exception as error:  # noqa: BLE001 - raised below
            faults.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
