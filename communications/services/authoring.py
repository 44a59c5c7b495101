"""A message of one's own: written anew or from a copy, and its rule changed later.

Its sendings follow at once: planned where its rule says so, moved, or cancelled where it no longer
does. Nothing leaves before somebody approves it; a change of who gets it asks for approval anew.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cohorts.queries.anchors import anchors_of
from communications.enums import OccurrenceState
from communications.exceptions import ContentRefused
from communications.message_rule import FIELDS, MessageRule, rule_of
from communications.models import Message
from communications.queries.planning import plan_occurrences
from communications.queries.texts import own_language
from communications.services.approval import refuse_cancelled_message, unapprove_occurrence
from communications.services.cancelling import cancel_occurrence
from communications.services.messages import next_position, record_message, save_revision
from communications.services.occurrences import create_occurrences, recompute_occurrences
from communications.services.text import refuse_bad_text, refuse_unfit_variants
from communications.services.variants import TEXT, copy_variants
from projects.models import Project
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_KEY = 50
UNSENT = (OccurrenceState.PLANNED, OccurrenceState.APPROVED, OccurrenceState.MISSED)


class More(TypedDict, total=False):
    """What a text may have beyond subject and body: its language, empty for the installation's,
    and what those read who join late."""

    language: str
    short_subject: str
    short_body: str


@transaction.atomic
def write_message(
    *,
    project: Project,
    title: str,
    subject: str,
    body: str,
    rule: MessageRule,
    acting_user: "User",
    copied_from: Message | None = None,
    **more: Unpack[More],
) -> Message:
    """A new message with its sendings planned. Raises ContentRefused for what could never be sent.

    Of ``copied_from`` it takes the texts in other languages, as far as they fit.
    """
    require_open(project)
    lock_row(project)  # two at once must not choose the same key
    message = Message(
        project=project,
        key=_free_key(project, title),
        position=next_position(project),
        title=title,
        subject=subject,
        body=body,
        **more,
        **{name: getattr(rule, name) for name in FIELDS},
    )
    _refuse(message, rule)
    message.save()
    if copied_from is not None:
        copy_variants(copied_from, message)
    sentence = _("Message “%(title)s” was added.") % {"title": title}
    record_message(message, "message.created", sentence, acting_user)
    create_occurrences(project=project, anchors=anchors_of(project), acting_user=acting_user)
    return message


@transaction.atomic
def edit_message(
    *,
    message: Message,
    title: str,
    subject: str,
    body: str,
    rule: MessageRule,
    acting_user: "User",
    **more: Unpack[More],
) -> Message:
    """New text and rule as a new revision. ``message.revision`` is the one the user saw
    (StaleState).

    What was sent stays; sendings that wait move, or are cancelled where the rule has no place for
    them any more. Texts in other languages are behind a new text until somebody looks at them.
    """
    require_open(message.project)
    refuse_cancelled_message(message)
    before = rule_of(message)
    if rule.channel != before.channel:
        raise ContentRefused(_("How a message goes out stays as it is. Copy it to change that."))
    text: Mapping[str, str] = {"title": title, "subject": subject, "body": body, **more}  # type: ignore[dict-item]
    changed = {name for name, value in text.items() if getattr(message, name) != value}
    if rule == before and not changed:
        return message
    _write(message, {**text, **{name: getattr(rule, name) for name in FIELDS}}, rule)
    if changed.intersection(TEXT):
        message.variants.update(is_behind=True)
    sentence = _("Message “%(title)s” is now revision %(n)s.")
    words = sentence % {"title": title, "n": message.revision}
    record_message(message, "message.edited", words, acting_user)
    if rule != before:
        _follow(message, acting_user, is_for_others=rule.audience != before.audience)
    return message


def _follow(message: Message, acting_user: "User", *, is_for_others: bool) -> None:
    project, anchors = message.project, anchors_of(message.project)
    plan = plan_occurrences(project=project, anchors=anchors)
    wanted = {planned.anchor_key for planned in plan if planned.message_id == message.pk}
    unsent = message.occurrences.filter(state__in=UNSENT).order_by("pk")
    related = unsent.select_related("message", "project", "cohort")
    for row in related.select_for_update(of=("self",), no_key=True):
        if row.anchor_key not in wanted:
            cancel_occurrence(occurrence=row, acting_user=acting_user)
        elif is_for_others and row.state == OccurrenceState.APPROVED:
            unapprove_occurrence(occurrence=row, acting_user=acting_user)
    recompute_occurrences(project=project, anchors=anchors, acting_user=acting_user)
    create_occurrences(project=project, anchors=anchors, acting_user=acting_user)


def _write(message: Message, columns: Mapping[str, object], rule: MessageRule) -> None:
    for name, value in columns.items():
        setattr(message, name, value)
    _refuse(message, rule)
    refuse_unfit_variants(message)
    save_revision(message, **columns)


def _refuse(message: Message, rule: MessageRule) -> None:
    if message.pk and message.variants.filter(language=own_language(message)).exists():
        raise ContentRefused(
            _("There is a text in this language already. Remove it, or choose another language.")
        )
    if not rule.is_sound:
        raise ContentRefused(
            _("A day or a calendar entry of a cohort needs the members of cohorts as its audience.")
        )
    refuse_bad_text(message, message.subject, message.body)


def _free_key(project: Project, title: str) -> str:
    """A short name from the title that no other message of the project has."""
    stem = slugify(title)[:LONGEST_KEY].strip("-") or "message"
    taken = set(project.messages.filter(key__startswith=stem).values_list("key", flat=True))
    keys = (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3)))
    return next(key for key in keys if key not in taken)
