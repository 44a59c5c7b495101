"""Which texts a message may have. Writes nothing; whoever saves a text asks here first."""

from django.utils.translation import gettext as _

from communications import audiences
from communications.audience_kinds import IT_STAFF, OWN_KINDS, STAKEHOLDERS
from communications.completeness import gaps
from communications.enums import Channel, LatePolicy
from communications.exceptions import ContentRefused
from communications.languages import name
from communications.models import Message, MessageVariant
from communications.rendering import problems
from communications.rendering.placeholders import allowed_names
from communications.teams.card import is_too_big


def allowed_placeholders(message: Message) -> frozenset[str]:
    """The names that have a value in ``message``."""
    if message.channel != Channel.MAIL:  # a card or a poster is for nobody in particular
        names = allowed_names(has_cohort=bool(message.cohort_kind), has_more=False)
        return names - {"person_name"}
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
    if not found and message.channel == Channel.TEAMS and is_too_big(subject, body):
        found.append(_("The card is larger than Teams takes (28 KB). Shorten its text."))
    found += _short_problems(message)
    if found:
        raise ContentRefused(" ".join(found))


def _short_problems(message: Message) -> list[str]:
    subject, body = message.short_subject, message.short_body
    if message.late_policy == LatePolicy.SHORT and not (subject.strip() and body.strip()):
        return [_("Write the short subject and the short text for those who join late.")]
    if not (subject or body):
        return []
    found = problems(subject, body, allowed_placeholders(message))
    return [_("Short text: %(problem)s") % {"problem": problem} for problem in found]


def refuse_bad_variant(message: Message, variant: MessageVariant) -> None:
    """The same for a text in another language, and for what it lost of the message's own text."""
    found = [
        *variant_problems(message, variant),
        *gaps(f"{message.subject}\n{message.body}", f"{variant.subject}\n{variant.body}"),
    ]
    if variant.short_body:
        short = f"{message.short_subject}\n{message.short_body}"
        found += gaps(short, f"{variant.short_subject}\n{variant.short_body}")
    if found:
        raise ContentRefused(" ".join(dict.fromkeys(found)))


def refuse_unfit_variants(message: Message) -> None:
    """Raises ContentRefused where a rule that changed leaves another language's text with a
    placeholder that has no value any more. One query."""
    found = [
        _("%(language)s: %(problem)s") % {"language": name(variant.language), "problem": problem}
        for variant in message.variants.all()
        for problem in variant_problems(message, variant)
    ]
    if found:
        raise ContentRefused(" ".join(found))


def variant_problems(message: Message, variant: MessageVariant) -> tuple[str, ...]:
    """Why it could not be sent; empty where it could."""
    allowed = allowed_placeholders(message)
    found = problems(variant.subject, variant.body, allowed)
    if variant.short_subject or variant.short_body:
        found += problems(variant.short_subject, variant.short_body, allowed)
    return found
