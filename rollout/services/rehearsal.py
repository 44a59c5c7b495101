"""Runs the next days of a project by a clock of its own, against nobody, and takes all of it back.

The steps are those of sending and closing themselves, one project alone, in a transaction that is
rolled back: what is listed is what would happen. No mail leaves: a mail that would be handed over
is built, and counted as taken.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import transaction
from django.db.models import Min, Q
from django.utils.translation import gettext as _

from common.exceptions import DomainError
from communications.enums import ITEMS, DeliveryState, OccurrenceState
from communications.exceptions import RenderError
from communications.models import Delivery, Occurrence, TeamsChannel
from communications.queries.zones import AHEAD, first_moment
from communications.services.approval import approve_occurrence
from communications.services.cards import post_content
from communications.services.items import tick_item
from communications.services.pipeline import clock
from communications.services.pipeline.build import Draft, Drafts
from communications.services.pipeline.claim import BATCH, Batch, Memory, claim
from communications.services.pipeline.expand import expand_chunk
from communications.services.pipeline.finish import finish_all
from communications.services.pipeline.plan import mark_missed, start_due
from communications.services.pipeline.post_claim import Claimed, claim_post
from projects.models import Event, Project
from rollout.queries.rehearsal import conflicts_of
from rollout.rehearsal import (
    MOST_DAYS,
    MOST_MAILS,
    Rehearsal,
    RehearsedMail,
    RehearsedMove,
    summed,
)
from surveys.enums import SurveyStatus
from surveys.models import Survey
from surveys.services.closing import close_due_surveys

if TYPE_CHECKING:
    from accounts.models import User

LEASE = 3600.0


def rehearse(
    *,
    project: Project,
    days: int,
    acting_user: "User",
    is_approving: bool = True,
    most_mails: int | None = MOST_MAILS,
    listen: Callable[[RehearsedMail], object] = lambda mail: None,
) -> Rehearsal:
    """What would happen within ``days`` from the database's now. Nothing is changed.

    With ``is_approving`` as if ``acting_user`` approved what waits for it, the moment it is due;
    without it that is missed. ``listen`` gets every single mail. Raises DomainError for a number of
    days that makes no sense.
    """
    if not 1 <= days <= MOST_DAYS:
        raise DomainError(_("Rehearse between 1 and %(most)s days.") % {"most": MOST_DAYS})
    starts_at = clock.database_now()
    stage = _Stage(project, acting_user if is_approving else None, most_mails, listen)
    with _taken_back():
        stage.play(starts_at, starts_at + timedelta(days=days))
        conflicts = conflicts_of(project, stage.mails, starts_at, starts_at + timedelta(days=days))
    return Rehearsal(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=days),
        sendings=summed(stage.mails),
        moves=tuple(stage.moves),
        conflicts=conflicts,
        is_whole=stage.is_whole,
    )


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class _Stage:
    """One rehearsal: its project, its clock, and what it has seen so far."""

    def __init__(
        self,
        project: Project,
        approver: "User | None",
        most_mails: int | None,
        listen: Callable[[RehearsedMail], object],
    ) -> None:
        self._project, self._approver = project, approver
        self._most, self._listen = most_mails, listen
        self._only = Q(project=project)
        self._owner = uuid4()
        last = Event.objects.filter(project=project).order_by("-pk").first()
        self._last_event = last.pk if last else 0
        self.mails: list[RehearsedMail] = []
        self.moves: list[RehearsedMove] = []
        self.is_whole = True

    def play(self, starts_at: datetime, ends_at: datetime) -> None:
        """From one moment at which something is due to the next."""
        at: datetime | None = starts_at
        while at is not None and at <= ends_at and self.is_whole:
            with clock.living_ahead(at - starts_at):
                self._act(at)
            self._note_moves(at)
            at = self._next_after(at)

    def _act(self, at: datetime) -> None:
        close_due_surveys(at=at, project=self._project)
        if self._approver is not None:
            self._approve(at)
        mark_missed(at, self._only)
        start_due(at, self._only)
        self._collect(at)
        self._send(at)
        self._post(at)
        finish_all(at, self._only)

    def _approve(self, at: datetime) -> None:
        waiting = Occurrence.objects.filter(
            self._only, state=OccurrenceState.PLANNED, due_at__lte=at + AHEAD
        )
        for occurrence in waiting.select_related("message", "project", "cohort"):
            if (first_moment(occurrence) or at) > at or self._approver is None:
                continue
            try:
                if occurrence.message.channel in ITEMS:
                    tick_item(occurrence=occurrence, acting_user=self._approver)
                else:
                    approve_occurrence(occurrence=occurrence, acting_user=self._approver, at=at)
            except DomainError as refusal:
                self.moves.append(RehearsedMove(at, str(refusal)))

    def _collect(self, at: datetime) -> None:
        collecting = Occurrence.objects.filter(self._only, state=OccurrenceState.EXPANDING)
        while pks := list(collecting.values_list("pk", flat=True)):
            done = [expand_chunk(pk, at) for pk in pks]
            if not any(done):
                return

    def _send(self, at: datetime) -> None:
        memory, drafts = Memory(self._project.pk), Drafts()
        while self.is_whole:
            batch = claim(self._owner, BATCH, LEASE, memory)
            if batch.is_empty:
                return
            self._note_settled(batch, at)
            for draft in drafts.of(batch):
                self._hand_over(draft, at)
            self.is_whole = self._most is None or len(self.mails) < self._most

    def _post(self, at: datetime) -> None:
        """Cards to channels, one by one as they are posted; each channel is free again at once."""
        while self.is_whole:
            found = claim_post(self._owner, LEASE, self._project.pk)
            if found is None:
                return
            row, state, reason = found.delivery, found.state, ""
            if found.mail is not None:
                state, reason = _as_posted(found.mail)
                TeamsChannel.objects.filter(pk=found.mail.channel.pk).update(not_before=None)
                Delivery.objects.filter(pk=row.pk).update(
                    state=state, sent_at=at, owner=None, lease_until=None
                )
            else:
                row.refresh_from_db(fields=["reason"])
                reason = row.reason
            if state != DeliveryState.QUEUED:
                name = str(row.channel or _("removed channel"))
                self._note(row.occurrence, at, name, "", state, reason)

    def _hand_over(self, draft: Draft, at: datetime) -> None:
        state, reason = DeliveryState.SENT, ""
        try:
            draft.build("rehearsal@localhost")
        except RenderError as refusal:
            state, reason = DeliveryState.FAILED, str(refusal)
        Delivery.objects.filter(pk=draft.pk).update(
            state=state, sent_at=at, owner=None, lease_until=None
        )
        mail = draft.claimed
        self._note(mail.occurrence, at, mail.recipient.name, mail.recipient.address, state, reason)

    def _note_settled(self, batch: Batch, at: datetime) -> None:
        settled = {one.row.pk: one for one in batch.settled if one.later is None}
        rows = Delivery.objects.filter(pk__in=settled).select_related(
            "occurrence__message", "occurrence__cohort", "participant", "stakeholder"
        )
        for row in rows:
            person = row.participant or row.stakeholder
            self._note(row.occurrence, at, str(person or ""), row.address, row.state, row.reason)

    def _note(
        self, occurrence: Occurrence, at: datetime, name: str, address: str, state: str, reason: str
    ) -> None:
        cohort = occurrence.cohort.name if occurrence.cohort else ""
        title = occurrence.message.title
        mail = RehearsedMail(at, title, cohort, name or address, address, str(state), reason)
        self.mails.append(mail)
        self._listen(mail)

    def _note_moves(self, at: datetime) -> None:
        fresh = Event.objects.filter(project=self._project, pk__gt=self._last_event).order_by("pk")
        for event in fresh:
            self._last_event = event.pk
            self.moves.append(RehearsedMove(at, event.sentence))

    def _next_after(self, at: datetime) -> datetime | None:
        """The next moment at which anything of the project is due, more than a second later."""
        later = at + timedelta(seconds=1)
        of_project = Occurrence.objects.filter(
            self._only,
            state__in=(OccurrenceState.PLANNED, OccurrenceState.APPROVED),
        )
        starts = [
            moment
            for one in of_project.filter(due_at__gt=later)
            .select_related("message", "project", "cohort")
            .order_by("due_at")[:20]
            if (moment := first_moment(one)) is not None and moment > later
        ]
        waiting = Delivery.objects.filter(
            occurrence__project=self._project, state=DeliveryState.QUEUED, not_before__gt=later
        ).aggregate(at=Min("not_before"))["at"]
        closing = Survey.objects.filter(
            project=self._project, status=SurveyStatus.OPEN, closes_at__gt=later
        ).aggregate(at=Min("closes_at"))["at"]
        missed = of_project.filter(not_after__gt=later).aggregate(at=Min("not_after"))["at"]
        return min([*starts, *(one for one in (waiting, closing, missed) if one)], default=None)


def _as_posted(mail: Claimed) -> tuple[DeliveryState, str]:
    """A card that can be built counts as posted."""
    try:
        post_content(mail.occurrence)
    except RenderError as refusal:
        return DeliveryState.FAILED, str(refusal)
    return DeliveryState.SENT, ""
