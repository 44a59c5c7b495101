"""Words for people about a survey: when something is, what the points of a scale are called."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from communications.mail_words import day_in_full
from surveys.scoring import AGREE_POINTS, NOT_APPLICABLE, NPS_POINTS

AGREE_WORDS = tuple(
    zip(
        AGREE_POINTS,
        (_("Strongly disagree"), _("Disagree"), _("Neither"), _("Agree"), _("Strongly agree")),
        strict=True,
    )
)
NOT_APPLICABLE_WORDS = (NOT_APPLICABLE, _("Doesn’t apply to me"))
NPS_WORDS = tuple((point, point) for point in NPS_POINTS)


def moment_words(at: datetime, zone: str) -> str:
    """ "Thursday 4 March 2027, 23:59 (Europe/Berlin)": for mails and the public page."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day_in_full(local.date())}, {date_format(local, 'H:i')} ({zone})"
