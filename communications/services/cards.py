"""What a post to a Teams channel says: the card of an occurrence. Sends nothing.

Preview and sending both come through here. No person is in question, so only what is the same for
everybody has a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cohorts.queries.counts import PeopleCounts, counts_by_cohort
from communications.exceptions import RenderError
from communications.languages import known
from communications.models import Message, Occurrence
from communications.rendering.card_page import drawn
from communications.services.shared_values import fresh_occurrence, shared_values
from communications.teams.card import MOST_BYTES, Card, build_card


@dataclass(frozen=True, slots=True)
class PostContent:
    """``revision`` and ``version`` are those of the text and of the values it was built from."""

    body: bytes
    revision: int
    version: int


def post_content(occurrence: Occurrence) -> PostContent:
    """The whole post as it is written now. Raises RenderError where it cannot be built. Four
    queries at most."""
    # The version first: what is read after it may be newer than it says, never older.
    fresh = fresh_occurrence(occurrence)
    message = Message.objects.get(pk=occurrence.message_id)
    body = card_of(message, fresh).payload()
    if len(body) > MOST_BYTES:
        raise RenderError(_("The card is larger than Teams takes (28 KB). Shorten its text."))
    return PostContent(body, message.revision, fresh.values_version)


def card_of(message: Message, occurrence: Occurrence) -> Card:
    """The text of ``message`` with the values of ``occurrence``; neither need be saved. RenderError
    where a placeholder has no value."""
    with translation.override(known(message.language) or settings.LANGUAGE_CODE):
        values = shared_values(occurrence)
        try:
            return build_card(message.subject, message.body, values, _facts(occurrence, values))
        except KeyError as error:
            name = error.args[0]
            raise RenderError(_("{%(name)s} has no value here.") % {"name": name}) from error


def preview_card(occurrence: Occurrence) -> str:
    """The card of what is saved, as a page of its own. RenderError where it cannot be built."""
    fresh = fresh_occurrence(occurrence)
    return card_html(Message.objects.get(pk=occurrence.message_id), fresh)


def card_html(message: Message, occurrence: Occurrence) -> str:
    """About as Teams draws it; neither need be saved. RenderError as for ``card_of``."""
    return drawn(card_of(message, occurrence), message.language or settings.LANGUAGE_CODE)


def trial_card(project_name: str, channel_name: str) -> bytes:
    """The post that tries a channel out."""
    text = _("This is a test from **{project_name}**. Cards for “{channel_name}” arrive here.")
    values = {"project_name": project_name, "channel_name": channel_name}
    return build_card(_("Test card"), text, values).payload()


def _facts(occurrence: Occurrence, values: Mapping[str, str]) -> list[tuple[str, str]]:
    cohort = occurrence.cohort
    if cohort is None:
        return []
    counts = counts_by_cohort([occurrence.project_id]).get(cohort.pk, PeopleCounts())
    people = number_format(counts.people, use_l10n=True, force_grouping=True)
    return [
        (pgettext("card", "Cohort"), cohort.name),
        (pgettext("card", "Switch"), f"{values['switch_date']}, {values['switch_time']}"),
        (pgettext("card", "People"), people),
    ]
