"""Messages and their texts: placeholders that will have a value, times, who is meant."""

import re
from collections.abc import Iterator

from playbooks.exceptions import Mistake
from playbooks.placeholders import (
    COHORT_PLACEHOLDERS,
    PARTICIPANT_PLACEHOLDERS,
    PERSON_PLACEHOLDERS,
    PLACEHOLDERS,
    SURVEY_PLACEHOLDERS,
    missing_names,
    unknown_names,
)
from playbooks.reading import suggest
from playbooks.schema import MessageTemplate, Playbook

_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")
_TO_PARTICIPANTS = ("everyone", "cohort", "survey_unanswered")
_COHORT_ANCHORS = ("cohort_switch", "cohort_end", "survey_open")


def check_texts(playbook: Playbook) -> Iterator[Mistake]:
    invitations = {survey.invitation_message for survey in playbook.surveys}
    for at, message in enumerate(playbook.messages):
        path = f"messages[{at}]"
        yield from _check_timing(path, message)
        yield from _check_audience(path, message, is_invitation=message.key in invitations)
        allowed = _placeholders_for(message, is_invitation=message.key in invitations)
        yield from _check_placeholders(f"{path}.subject", message.subject, allowed)
        yield from _check_placeholders(f"{path}.body", message.body, allowed)
        yield from _check_short(path, message, allowed)
        yield from _check_languages(path, message, allowed)
    for at, survey in enumerate(playbook.surveys):
        for name in ("subject", "body"):
            text = getattr(survey.reminders, name)
            yield from _check_placeholders(f"surveys[{at}].reminders.{name}", text, PLACEHOLDERS)
        for name in ("title", "intro", "thanks"):
            if unknown_names(getattr(survey, name), frozenset()):
                yield Mistake(f"surveys[{at}].{name}", "this text has no placeholders")


def _check_short(path: str, message: MessageTemplate, allowed: frozenset[str]) -> Iterator[Mistake]:
    if message.late == "short" and not (message.short_subject and message.short_body):
        yield Mistake(f"{path}.late", "'short' needs a short_subject and a short_body")
    if message.late != "skip" and message.cohort_kind is None:
        yield Mistake(f"{path}.late", f"'{message.late}' needs a cohort_kind")
    for name in ("short_subject", "short_body"):
        yield from _check_placeholders(f"{path}.{name}", getattr(message, name) or "", allowed)


def _check_languages(
    path: str, message: MessageTemplate, allowed: frozenset[str]
) -> Iterator[Mistake]:
    """Every text in another language has all that the message's own has, and nothing else."""
    seen: set[str] = set()
    for at, text in enumerate(message.texts):
        place = f"{path}.texts[{at}]"
        if not _LANGUAGE.fullmatch(text.language):
            problem = f"'{text.language}' is not a language; write it as 'de' or 'de-at'"
            yield Mistake(f"{place}.language", problem)
        if text.language in seen:
            yield Mistake(f"{place}.language", f"'{text.language}' stands here twice")
        seen.add(text.language)
        for name in ("subject", "body", "short_subject", "short_body"):
            yield from _check_placeholders(f"{place}.{name}", getattr(text, name) or "", allowed)
        pairs = [(f"{message.subject}{message.body}", f"{text.subject}{text.body}", "body")]
        if text.short_body:
            own = f"{message.short_subject}{message.short_body}"
            pairs.append((own, f"{text.short_subject}{text.short_body}", "short_body"))
        for own, other, where in pairs:
            for lost in missing_names(own, other):
                yield Mistake(
                    f"{place}.{where}", f"{{{lost}}} of the message's own text is missing"
                )


def _placeholders_for(message: MessageTemplate, *, is_invitation: bool) -> frozenset[str]:
    allowed = PERSON_PLACEHOLDERS
    if message.cohort_kind:
        allowed |= COHORT_PLACEHOLDERS
    if message.audience in _TO_PARTICIPANTS:
        allowed |= PARTICIPANT_PLACEHOLDERS
    return allowed | SURVEY_PLACEHOLDERS if is_invitation else allowed


def _check_placeholders(path: str, text: str, allowed: frozenset[str]) -> Iterator[Mistake]:
    for name in unknown_names(text, allowed):
        reason = "has no value in this message" if name in PLACEHOLDERS else "is not a placeholder"
        yield Mistake(path, f"{{{name}}} {reason}; {suggest(name, sorted(allowed))}")
    if "\n" in text and path.endswith(".subject"):
        yield Mistake(path, "must be one line")


def _check_timing(path: str, message: MessageTemplate) -> Iterator[Mistake]:
    if not _CLOCK.fullmatch(message.timing.time):
        problem = f"'{message.timing.time}' is not a time; write it as 'HH:MM'"
        yield Mistake(f"{path}.timing.time", problem)
    if message.not_after_days < 1:
        problem = f"must be 1 or more, not {message.not_after_days}"
        yield Mistake(f"{path}.not_after_days", problem)


def _check_audience(
    path: str, message: MessageTemplate, *, is_invitation: bool
) -> Iterator[Mistake]:
    anchor = message.timing.anchor
    if (message.audience == "cohort") is not (message.cohort_kind is not None):
        yield Mistake(
            f"{path}.cohort_kind", "belongs to the audience 'cohort', and that audience needs it"
        )
    if message.calendar and message.cohort_kind is None:
        yield Mistake(
            f"{path}.calendar", "the entry is a cohort's switch, so it needs a cohort_kind"
        )
    if anchor in _COHORT_ANCHORS and message.cohort_kind is None:
        yield Mistake(f"{path}.timing.anchor", f"'{anchor}' needs a cohort_kind")
    if (anchor == "survey_open") is not is_invitation:
        yield Mistake(
            f"{path}.timing.anchor",
            "'survey_open' is the anchor of a survey's invitation, and only of that",
        )
