"""Surveys: one invitation each, reminders inside the open days, questions that can be answered."""

from collections.abc import Iterator

from playbooks.exceptions import Mistake
from playbooks.placeholders import names_in
from playbooks.schema import Playbook, SurveyTemplate


def check_surveys(playbook: Playbook) -> Iterator[Mistake]:
    invited: dict[str, str] = {}
    for at, survey in enumerate(playbook.surveys):
        path = f"surveys[{at}]"
        if survey.invitation_message in invited:
            other = invited[survey.invitation_message]
            yield Mistake(f"{path}.invitation_message", f"already invites to survey '{other}'")
        invited[survey.invitation_message] = survey.key
        yield from _check_invitation(playbook, path, survey)
        yield from _check_days(path, survey)
        yield from _check_questions(path, survey)


def _check_invitation(playbook: Playbook, path: str, survey: SurveyTemplate) -> Iterator[Mistake]:
    for at, message in enumerate(playbook.messages):
        if message.key != survey.invitation_message:
            continue
        if message.cohort_kind != survey.cohort_kind:
            yield Mistake(f"{path}.cohort_kind", f"its invitation '{message.key}' has another")
        if message.channel != "mail":
            yield Mistake(f"messages[{at}].channel", "an invitation goes by mail")
        if "survey_link" not in names_in(message.body):
            yield Mistake(f"messages[{at}].body", "an invitation needs {survey_link}")
    if "survey_link" not in names_in(survey.reminders.body):
        yield Mistake(f"{path}.reminders.body", "a reminder needs {survey_link}")
    if survey.open_anchor == "survey_open":
        yield Mistake(f"{path}.open_anchor", "a survey cannot open relative to itself")


def _check_days(path: str, survey: SurveyTemplate) -> Iterator[Mistake]:
    rule = survey.reminders
    if survey.open_days < 1:
        yield Mistake(f"{path}.open_days", f"must be 1 or more, not {survey.open_days}")
    if list(rule.after_days) != sorted(set(rule.after_days)):
        yield Mistake(f"{path}.reminders.after_days", "must rise from one to the next")
    for at, days in enumerate(rule.after_days):
        if not 0 < days < survey.open_days:
            yield Mistake(
                f"{path}.reminders.after_days[{at}]",
                f"{days} is not inside the {survey.open_days} days the survey is open",
            )
    if not 0 <= rule.at_most <= len(rule.after_days):
        yield Mistake(f"{path}.reminders.at_most", f"must be between 0 and {len(rule.after_days)}")


def _check_questions(path: str, survey: SurveyTemplate) -> Iterator[Mistake]:
    if not survey.questions:
        yield Mistake(f"{path}.questions", "must not be empty")
    for at, question in enumerate(survey.questions):
        choices = f"{path}.questions[{at}].choices"
        if question.kind in ("single", "multi"):
            if len(question.choices) < 2:
                yield Mistake(choices, f"a '{question.kind}' question needs two or more")
        elif question.choices:
            yield Mistake(choices, f"a '{question.kind}' question has none")
