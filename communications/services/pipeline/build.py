"""Turns a batch of claimed rows into mails: the text once an occurrence, the values once a batch.

What cannot be built fails its own row only.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings

from communications.bounces import return_path
from communications.mailer.line import Letter
from communications.personal_links import UNSUBSCRIBE, one_click, unsubscribe_address
from communications.services.content import Content, Part, Values, content_for, values_for
from communications.services.pipeline.claim import MEMORY_SECONDS, Batch
from communications.services.pipeline.decide import Claimed
from communications.services.pipeline.step import Mark


@dataclass(slots=True)
class Draft:
    """A claimed row with all it takes to build it.

    ``kept_at`` is when its lease began or was lengthened, in seconds of this process.
    """

    claimed: Claimed
    part: Part
    values: Mapping[str, str]
    version: int
    at: datetime
    domain: str
    kept_at: float = field(default_factory=time.monotonic)
    is_second_try: bool = False

    @property
    def pk(self) -> int:
        return self.claimed.pk

    def build(self, sender: str) -> Letter:
        """The whole mail. RenderError concerns this person only."""
        mail, skeleton = self.claimed, self.part.skeleton
        values = self.values
        extra_headers: Sequence[tuple[str, str]] = ()
        if UNSUBSCRIBE in skeleton.names:
            link = unsubscribe_address(mail.message_id)
            values, extra_headers = {**values, UNSUBSCRIBE: link}, one_click(link)
        body = skeleton.render(
            values=values,
            extra_headers=extra_headers,
            to_name=mail.recipient.name,
            to_address=mail.recipient.address,
            message_id=f"<{mail.message_id}@{self.domain}>",
            date=self.at,
        )
        base = settings.BOUNCE_ADDRESS
        path = return_path.address(base, mail.message_id) if base else sender
        return Letter(mail.pk, path, mail.envelope, body)

    def mark(self) -> Mark:
        mail, part = self.claimed, self.part
        return Mark(
            mail.pk,
            mail.occurrence.pk,
            part.skeleton.revision,
            mail.address_key,
            self.version,
            part.text.language,
        )


class Drafts:
    """Makes drafts. What is the same for all of an occurrence is looked up once a second."""

    def __init__(self) -> None:
        self._contents: dict[int, Content] = {}
        self._until = 0.0

    def of(self, batch: Batch) -> list[Draft]:
        """In the order of the claim; a fixed number of queries for each occurrence."""
        if time.monotonic() >= self._until:
            self._contents.clear()
            self._until = time.monotonic() + MEMORY_SECONDS
        by_occurrence: dict[int, list[Claimed]] = defaultdict(list)
        for mail in batch.mails:
            by_occurrence[mail.occurrence.pk].append(mail)
        values = {pk: self._values(mails) for pk, mails in by_occurrence.items()}
        domain = message_id_domain()
        drafts = []
        for mail in batch.mails:
            pk, recipient = mail.occurrence.pk, mail.recipient
            content, said = self._contents[pk], values[pk].get(recipient.pk, {})
            part = content.part_for(recipient, is_short=mail.is_short)
            drafts.append(Draft(mail, part, said, content.version, batch.at, domain))
        return drafts

    def _values(self, mails: Sequence[Claimed]) -> Values:
        occurrence = mails[0].occurrence
        if occurrence.pk not in self._contents:
            self._contents[occurrence.pk] = content_for(occurrence)
        recipients = [mail.recipient for mail in mails]
        late = {mail.recipient.pk for mail in mails if mail.is_short}
        return values_for(occurrence, recipients, self._contents[occurrence.pk], late)


def message_id_domain() -> str:
    """The right side of our Message-IDs: fixed, so that every attempt of a row has the same."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
