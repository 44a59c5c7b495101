"""Which texts a message may have. Writes nothing; whoever saves a text asks here first."""

from django.utils.translation import gettext as _

from communications import audiences
from communications.audience_kinds import IT_STAFF, OWN_KINDS, STAKEHOLDERS
from communications.exceptions import ContentRefused
from communications.models import Message
from communications.rendering import problems
from communications.rendering.placeholders import allowed_names


def allowed_placeholders(message: Message) -> frozenset[str]:
    """The names that have a value in ``message``."""
    return allowed_names(
        has_cohort=bool(message.cohort_kind),
        has_more=message.audience_kind not in OWN_KINDS,
        is_for_participants=message.audience_kind not in (STAKEHOLDERS, IT_STAFF),
    )


def refuse_bad_text(message: Message, subject: str, body: str) -> None:
    """Raises ContentRefused for what could never be sent, with a sentence for each reason."""
    found = list(problems(subject, body, allowed_placeholders(message)))
    if message.audience_kind not in audiences.kinds():
        found.append(_("Nobody knows the audience “%(kind)s”.") % {"kind": message.audience_kind})
    if found:
        raise ContentRefused(" ".join(found))
