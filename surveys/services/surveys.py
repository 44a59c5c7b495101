"""Makes a project's surveys from its playbook, and keeps their wording while nobody was asked.

Opening, closing and answering live in modules of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.queries.anchors import anchors_from, anchors_of
from communications.models import Message
from communications.services.messages import create_message
from playbooks.schema import Playbook, SurveyTemplate
from projects.models import Project
from projects.schedule_plan import Anchors
from projects.services.events import record
from surveys.enums import SurveyStatus
from surveys.exceptions import WordingLocked
from surveys.models import Question, Survey, reminder_key
from surveys.queries.moves import planned_day, survey_moves

if TYPE_CHECKING:
    from accounts.models import User

INVITED, UNANSWERED = "survey_invited", "survey_unanswered"
Override = tuple[str, dict[str, Any]]


def audience_overrides(playbook: Playbook) -> dict[str, Override]:
    """{message key: (audience kind, params)} for the messages that invite to a survey."""
    return {
        template.invitation_message: (INVITED, {"survey": template.key})
        for template in playbook.surveys
    }


@transaction.atomic
def create_surveys(
    *, project: Project, playbook: Playbook, cohorts: Sequence[Cohort], acting_user: "User | None"
) -> list[Survey]:
    """One survey for each template and each cohort of its kind, and one reminder message each.

    ``cohorts`` may be some of the project's: a cohort added later gets its surveys the same way.
    The messages of the playbook must exist, for a reminder is signed like its invitation.
    """
    anchors = anchors_of(project)
    pairs = [
        (template, cohort)
        for template in playbook.surveys
        for cohort in cohorts
        if cohort.kind == template.cohort_kind
    ]
    surveys = Survey.objects.bulk_create(_survey(project, t, c, anchors) for t, c in pairs)
    Question.objects.bulk_create(
        question
        for survey, (template, _cohort) in zip(surveys, pairs, strict=True)
        for question in _questions(survey, template)
    )
    _create_reminders(project, {template.key: template for template, _cohort in pairs}, acting_user)
    if surveys:
        _record_created(project, surveys, acting_user)
    return surveys


@transaction.atomic
def recompute_surveys(*, project: Project, acting_user: "User | None") -> int:
    """Plan the drafts anew after dates of the project or of cohorts moved; returns how many moved.

    Idempotent. What was opened keeps its days.
    """
    cohorts = list(project.cohorts.exclude(status=CohortStatus.CANCELLED))
    moves = survey_moves(project, anchors_from(project, cohorts), cohorts)
    # Whoever opened one meanwhile keeps its days.
    drafts = Survey.objects.filter(status=SurveyStatus.DRAFT)
    moved = [m.pk for m in moves if drafts.filter(pk=m.pk).update(opens_on=m.opens_on)]
    if moved:
        sentence = ngettext("%(n)s survey was moved.", "%(n)s surveys were moved.", len(moved))
        record(
            project=project,
            verb="surveys.moved",
            sentence=sentence % {"n": len(moved)},
            acting_user=acting_user,
            data={"surveys": moved},
        )
    return len(moved)


def _survey(project: Project, template: SurveyTemplate, cohort: Cohort, anchors: Anchors) -> Survey:
    return Survey(
        project=project,
        cohort=cohort,
        key=template.key,
        title=template.title,
        intro=template.intro.strip(),
        thanks=template.thanks.strip(),
        is_anonymous=template.anonymous,
        invitation_message=template.invitation_message,
        open_anchor=template.open_anchor,
        open_offset_days=template.open_offset_days,
        opens_on=planned_day(cohort, anchors, template.open_anchor, template.open_offset_days),
        open_days=template.open_days,
        reminder_days=list(template.reminders.after_days[: template.reminders.at_most]),
    )


def _questions(survey: Survey, template: SurveyTemplate) -> Iterable[Question]:
    for position, question in enumerate(template.questions):
        yield Question(
            survey=survey,
            key=question.key,
            position=position,
            kind=question.kind,
            text=question.text,
            choices=[{"key": choice.key, "text": choice.text} for choice in question.choices],
            is_required=question.required,
        )


def _create_reminders(
    project: Project, templates: Mapping[str, SurveyTemplate], acting_user: "User | None"
) -> None:
    messages = Message.objects.filter(project=project).select_related("sender")
    present = {message.key: message for message in messages}
    for template in templates.values():
        rule, key = template.reminders, reminder_key(template.key)
        if not rule.at_most or key in present:
            continue
        invitation = present.get(template.invitation_message)
        create_message(
            project=project,
            key=key,
            title=_("Reminder: %(survey)s") % {"survey": template.title},
            subject=rule.subject,
            body=rule.body,
            audience_kind=UNANSWERED,
            audience_params={"survey": template.key},
            cohort_kind=template.cohort_kind,
            anchor="survey_open",
            offset_days=rule.after_days[0],
            not_after_days=2,
            sender=invitation.sender if invitation else None,
            acting_user=acting_user,
        )


def _record_created(project: Project, surveys: list[Survey], acting_user: "User | None") -> None:
    sentence = ngettext("%(n)s survey was planned.", "%(n)s surveys were planned.", len(surveys))
    record(
        project=project,
        verb="surveys.created",
        sentence=sentence % {"n": len(surveys)},
        acting_user=acting_user,
        data={"surveys": [survey.pk for survey in surveys]},
    )


@transaction.atomic
def update_wording(
    *,
    survey: Survey,
    title: str,
    intro: str,
    thanks: str,
    open_days: int,
    question_texts: Mapping[str, str],
    acting_user: "User",
) -> Survey:
    """Change the words and how long it will be open, while the survey is a draft.

    ``question_texts`` by question key; keys the survey does not have are ignored. Raises
    WordingLocked once it was opened: answers belong to the words that were asked.
    """
    # The row is locked, so that nobody opens the survey between the check and the change.
    locked = Survey.objects.select_for_update().get(pk=survey.pk)
    if locked.status != SurveyStatus.DRAFT:
        raise WordingLocked(
            _("The survey has been opened, so its questions stay as people were asked.")
        )
    locked.title, locked.intro, locked.thanks = title, intro, thanks
    locked.open_days = open_days
    locked.save(update_fields=["title", "intro", "thanks", "open_days"])
    questions = [q for q in locked.questions.all() if q.key in question_texts]
    for question in questions:
        question.text = question_texts[question.key]
    Question.objects.bulk_update(questions, ["text"])
    record(
        project=locked.project,
        verb="survey.edited",
        sentence=_("The wording of “%(survey)s” was changed.") % {"survey": locked.title},
        acting_user=acting_user,
        subject=locked,
    )
    return locked
