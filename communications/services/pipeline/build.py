"""Turns a batch of claimed rows into mails: the text once an occurrence, the values once a batch.

What cannot be built fails its own row only.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings

from communications.rendering import Skeleton
from communications.services.content import skeleton_for, values_for
from communications.services.pipeline.claim import Batch, Claimed


@dataclass(frozen=True, slots=True)
class Draft:
    """A claimed row with all it takes to build it."""

    claimed: Claimed
    skeleton: Skeleton
    values: Mapping[str, str]

    def build(self, batch: Batch) -> bytes:
        """The whole mail. RenderError concerns this person only."""
        recipient = self.claimed.recipient
        return self.skeleton.render(
            values=self.values,
            to_name=recipient.name,
            to_address=recipient.address,
            message_id=f"<{self.claimed.message_id}@{message_id_domain()}>",
            date=batch.at,
        )


def drafts(batch: Batch) -> Iterator[Draft]:
    """In the order of the claim; a fixed number of queries for each occurrence."""
    by_occurrence: dict[int, list[Claimed]] = defaultdict(list)
    for mail in batch.mails:
        by_occurrence[mail.occurrence.pk].append(mail)
    material = {}
    for pk, mails in by_occurrence.items():
        occurrence = mails[0].occurrence
        values = values_for(occurrence, [mail.recipient for mail in mails])
        material[pk] = (skeleton_for(occurrence), values)
    for mail in batch.mails:
        skeleton, values = material[mail.occurrence.pk]
        yield Draft(mail, skeleton, values.get(mail.recipient.pk, {}))


def message_id_domain() -> str:
    """The right side of our Message-IDs: fixed, so that every attempt of a row has the same."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
