"""The number on a button is a promise: when it is another by now, a person looks once more."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.exceptions import Conflict


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


def refuse_other_people(mark: int, seen: int | None) -> None:
    """The same for the funnel's mark: as many people, but others."""
    if seen is not None and seen != mark:
        raise Conflict(_("It would now go to as many people, but to others. Look at it once more."))
