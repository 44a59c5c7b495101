"""Turns a batch of claimed rows into mails: the text once an occurrence, the values once a batch.

What cannot be built fails its own row only.
"""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings

from communications.bounces import return_path
from communications.mailer.line import Letter
from communications.rendering import Skeleton
from communications.services.content import skeleton_for, values_for
from communications.services.pipeline.claim import Batch, Claimed
from communications.services.pipeline.step import Mark


@dataclass(slots=True)
class Draft:
    """A claimed row with all it takes to build it.

    ``kept_at`` is when its lease began or was lengthened, in seconds of this process.
    """

    claimed: Claimed
    skeleton: Skeleton
    values: Mapping[str, str]
    at: datetime
    domain: str
    kept_at: float = field(default_factory=time.monotonic)
    is_second_try: bool = False

    @property
    def pk(self) -> int:
        return self.claimed.pk

    def build(self, sender: str) -> Letter:
        """The whole mail. RenderError concerns this person only."""
        recipient = self.claimed.recipient
        body = self.skeleton.render(
            values=self.values,
            to_name=recipient.name,
            to_address=recipient.address,
            message_id=f"<{self.claimed.message_id}@{self.domain}>",
            date=self.at,
        )
        base = settings.BOUNCE_ADDRESS
        path = return_path.address(base, self.claimed.message_id) if base else sender
        return Letter(self.pk, path, self.claimed.envelope, body)

    def mark(self) -> Mark:
        return Mark(self.pk, self.skeleton.revision, self.claimed.address_key)


def drafts(batch: Batch) -> list[Draft]:
    """In the order of the claim; a fixed number of queries for each occurrence."""
    by_occurrence: dict[int, list[Claimed]] = defaultdict(list)
    for mail in batch.mails:
        by_occurrence[mail.occurrence.pk].append(mail)
    material = {}
    for pk, mails in by_occurrence.items():
        occurrence = mails[0].occurrence
        values = values_for(occurrence, [mail.recipient for mail in mails])
        material[pk] = (skeleton_for(occurrence), values)
    domain, found = message_id_domain(), []
    for mail in batch.mails:
        skeleton, values = material[mail.occurrence.pk]
        found.append(Draft(mail, skeleton, values.get(mail.recipient.pk, {}), batch.at, domain))
    return found


def message_id_domain() -> str:
    """The right side of our Message-IDs: fixed, so that every attempt of a row has the same."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
