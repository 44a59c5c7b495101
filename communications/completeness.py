"""Does a text in another language say all that the message's own text says? Pure.

What it lacks is found when it is saved and shown where it is listed; sending never asks.
"""

from django.utils.translation import gettext as _

from communications.rendering.placeholders import is_link
from playbooks.placeholders import missing_names


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
