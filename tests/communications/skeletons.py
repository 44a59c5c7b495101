"""The skeleton of a message's own text, as sending makes it."""

from communications.audiences import Recipient
from communications.models import Occurrence
from communications.rendering import Skeleton
from communications.services.content import content_for


def skeleton_for(occurrence: Occurrence) -> Skeleton:
    nobody = Recipient(key="s:0", pk=0, name="", address="")
    return content_for(occurrence).part_for(nobody).skeleton
