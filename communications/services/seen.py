"""What stands on a button is a promise: when it is different by now, a person looks once more."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.exceptions import Conflict
from communications.models import Occurrence
from communications.queries.reach import Funnel


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person decides about: how many ``people``, which (the funnel's ``mark``) and which
    ``text`` (the message's revision)."""

    people: int
    mark: int
    text: int


def refuse_other(occurrence: Occurrence, found: Funnel, seen: Seen | None) -> None:
    """Conflict where it is not what was ``seen``; None where nobody looked, as a command does."""
    if seen is None:
        return
    refuse_other_number(found.reachable, seen.people)
    if found.mark != seen.mark:
        raise Conflict(_("It would now go to as many people, but to others. Look at it once more."))
    if occurrence.message.revision != seen.text:
        raise Conflict(_("The message was changed meanwhile. Look at it once more."))


def refuse_other_number(people: int, seen: int | None) -> None:
    """Conflict unless ``people`` get it, as ``seen`` says; None where no button had a number."""
    if seen is None or seen == people:
        return
    sentence = ngettext(
        "It would now go to %(n)s person, not to %(seen)s. Look at it once more.",
        "It would now go to %(n)s people, not to %(seen)s. Look at it once more.",
        people,
    )
    raise Conflict(sentence % {"n": people, "seen": seen})
