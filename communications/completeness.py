"""Does a text in another language say all that the message's own text says? Pure.

What it lacks is found when it is saved and shown where it is listed; sending never asks.
"""

from django.utils.translation import gettext as _

from communications.rendering.placeholders import is_link
from playbooks.placeholders import names_in


def missing_names(own: str, other: str) -> tuple[str, ...]:
    """Placeholders of ``own`` that ``other`` does not name, in the order of ``own``."""
    there = set(names_in(other))
    return tuple(name for name in dict.fromkeys(names_in(own)) if name not in there)


def gaps(own: str, other: str) -> tuple[str, ...]:
    """A sentence for each placeholder that was lost on the way; empty when none was."""
    return tuple(
        (
            _("The link {%(name)s} of the message's own text is missing here.")
            if is_link(name)
            else _("The message's own text names {%(name)s}; this one does not.")
        )
        % {"name": name}
        for name in missing_names(own, other)
    )
