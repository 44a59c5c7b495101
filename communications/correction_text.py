"""What we say of a new date, in the language that is active: a correction, which names it, and the
mail to one person who moved. Pure.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cohorts.switching import SwitchDates
from communications.exceptions import ContentRefused
from communications.mail_words import day_in_full

NAMED_BY = ("{switch_date}", "{switch_time}")


@dataclass(frozen=True, slots=True)
class CorrectionText:
    """Markdown with placeholders; the new date is one of them."""

    subject: str
    body: str


def usual_text(old: SwitchDates) -> CorrectionText:
    """What a correction says unless somebody writes it otherwise."""
    body = pgettext(
        "mail",
        "Hello {person_name},\n\n"
        "the date we told you has changed. **{cohort_name}** now switches to **{to_mode_title}** on"
        " **{switch_date}** at {switch_time}, no longer on %(was)s.\n\n"
        "The calendar entry that comes with this mail takes the place of the former one. Nothing"
        " else changes.\n\n"
        "Does the new date not suit you? {help_contact} is glad to help.\n\n"
        "{sender_name}\n",
    )
    return CorrectionText(
        subject=pgettext("mail", "New date: {cohort_name} switches on {switch_date}"),
        body=body % {"was": day_in_full(old.switch_on)},
    )


def is_usual(text: CorrectionText, old: SwitchDates) -> bool:
    """Whether nobody wrote it otherwise; how its lines end does not count."""
    usual = usual_text(old)
    return (text.subject.split(), text.body.split()) == (usual.subject.split(), usual.body.split())


def moved_text() -> CorrectionText:
    """What somebody reads who moved to another cohort and knew another date."""
    body = pgettext(
        "mail",
        "Hello {person_name},\n\n"
        "you have a new date: you switch to **{to_mode_title}** on **{switch_date}** at"
        " {switch_time}, with **{cohort_name}**. What we told you before no longer holds.\n\n"
        "The calendar entry that comes with this mail is for the new date; please delete the"
        " former one. Everything else stands on [your own page]({my_upgrade_link}).\n\n"
        "Is this not what you wanted? {help_contact} is glad to help.\n\n"
        "{sender_name}\n",
    )
    return CorrectionText(pgettext("mail", "Your new date: {switch_date}"), body)


def refuse_without_date(text: CorrectionText) -> None:
    """Raises ContentRefused where nobody would learn the new date."""
    if not any(name in f"{text.subject}\n{text.body}" for name in NAMED_BY):
        raise ContentRefused(
            _("A correction names the new date. Write {switch_date} where it is to stand.")
        )
