"""Posts to Teams channels: one at a time, by one process at a time, apart from the mails.

The rows are claimed, marked and written by the statements that mails have. An HTTP interface has no
dot, so a row is marked right before the call: who dies in between, or in the call, leaves one post
of which nobody knows.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from communications.exceptions import ChannelRefused, RenderError
from communications.mailer import crash
from communications.services.cards import PostContent, post_content
from communications.services.pipeline import posted
from communications.services.pipeline.books import Books
from communications.services.pipeline.pause import pause_by_itself
from communications.services.pipeline.post_claim import Claimed, claim_post
from communications.services.pipeline.posted import Tried, Verdict
from communications.services.pipeline.step import Mark
from communications.services.pipeline.switch import is_on
from communications.services.teams_channels import note_answer
from communications.teams.address import refuse_bad_address
from communications.teams.line import CALL_SECONDS, NotReached, Unanswered, post

# A post that takes its time is still ours while it may be answered.
LEAST_LEASE_SECONDS = 2 * CALL_SECONDS
# A little more than `post_claim` leaves between two posts of a channel.
PACE_SECONDS = 0.3
# "posts" as a number that no other lock of ours has.
_LOCK = 0x706F737473


class Poster:
    """``totals`` counts what became of rows in this run, by their new state."""

    def __init__(self, *, lease_seconds: float, is_stopping: Callable[[], bool]) -> None:
        self.totals: Counter[str] = Counter()
        self._posts = self._waited_after = 0
        self._is_stopping = is_stopping
        self._books = Books(max(lease_seconds, LEAST_LEASE_SECONDS), is_stopping)

    def run(self, seconds: float) -> Counter[str]:
        """Post what is due, for about ``seconds`` and the call that is on its way then.

        Raises django.db.OperationalError where there is no database. Nothing where another process
        posts just now: the rows wait for it.
        """
        until = time.monotonic() + seconds
        with _alone() as is_ours:
            if not is_ours:
                return self.totals
            try:
                while self._may_go_on(until) and (self._one() or self._wait()):
                    pass
            finally:
                self._books.close()
        return self.totals

    def _may_go_on(self, until: float) -> bool:
        return not self._is_stopping() and time.monotonic() < until and is_on()

    def _wait(self) -> bool:
        """Once after each post: the next one of the same channel may be due in a moment."""
        if self._posts == self._waited_after:
            return False
        self._waited_after = self._posts
        time.sleep(PACE_SECONDS)
        return True

    def _one(self) -> bool:
        """The next row, whatever becomes of it; False where none is due."""
        found = claim_post(self._books.owner, self._books.lease_seconds)
        if found is None:
            return False
        if found.mail is None:
            self.totals[str(found.state)] += 1
            return True
        self._posts += 1
        crash.point("after-claim")
        self._try(found.mail)
        return True

    def _try(self, mail: Claimed) -> None:
        written = self._books.step(begins=[mail.pk], in_hand=[mail.pk])
        if written is None or mail.pk not in written.begun:
            self._books.settle([posted.not_posted(mail.pk)])
            return
        try:
            content = post_content(mail.occurrence)
            refuse_bad_address(mail.channel.url)
        except (RenderError, ChannelRefused) as refusal:
            self.totals["failed"] += 1
            self._books.settle([posted.not_built(str(refusal), mail.pk)])
            return
        marks = [Mark(mail.pk, mail.occurrence.pk, content.revision, "", content.version)]
        marked = self._books.step(marks=marks, in_hand=[mail.pk])
        if marked is None or mail.pk not in marked.marked:
            self._books.settle([posted.not_posted(mail.pk)])
            return
        self._write(mail, self._call(mail, content))

    def _call(self, mail: Claimed, content: PostContent) -> Verdict:
        """From here until the answer nobody knows; a post is never begun twice for one mark."""
        occurrence = mail.occurrence
        tried = Tried(
            pk=mail.pk,
            attempts=mail.attempts + 1,
            not_after=occurrence.not_after,
            ambiguity=occurrence.ambiguity,
            at=mail.at,
        )
        crash.point("before-dot")
        try:
            answer = post(mail.channel.url, content.body)
        except NotReached as trouble:
            return posted.not_reached(str(trouble), tried)
        except Unanswered as trouble:
            return posted.unanswered(str(trouble), tried)
        crash.point("after-answer")
        return posted.answered(answer, tried)

    def _write(self, mail: Claimed, verdict: Verdict) -> None:
        """The row first: what else there is to say may get lost."""
        self._books.settle([verdict.outcome])
        self.totals[str(verdict.outcome.state)] += 1
        note_answer(channel_id=mail.channel.pk, hold=verdict.hold, is_trouble=verdict.is_trouble)
        if verdict.pause:
            pause_by_itself(mail.occurrence.message_id, verdict.pause)


@contextmanager
def _alone() -> Iterator[bool]:
    """A lock of this connection: it ends with the process, or with the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        is_ours = bool(cursor.fetchone()[0])
    held_on = connection.connection
    try:
        yield is_ours
    finally:
        if is_ours and connection.connection is held_on and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
