"""The project's pages; the survey itself, which only the personal link of a mail opens."""

from typing import Any

from common import links
from projects.models import Project
from tests.factories.cohorts import (
    CohortFactory,
)
from tests.factories.surveys import (
    add_people,
    draft_survey,
    invite,
    open_survey_row,
    survey_messages,
)
from tests.permissions.rows import (
    DONE_BY_MANAGERS,
    FORM_OF_MANAGERS,
    PAGE_FOR_ALL_MEMBERS,
    PAGE_FOR_MANAGERS,
    Row,
)


def of_survey(project: Project) -> dict[str, Any]:
    """Open for nobody yet."""
    return {"slug": project.slug, "pk": open_survey_row(CohortFactory(project=project)).pk}


def of_draft(project: Project) -> dict[str, Any]:
    cohort = CohortFactory(project=project)
    survey_messages(cohort)
    add_people(cohort, 1)
    return {"slug": project.slug, "pk": draft_survey(cohort).pk}


def of_text_question(project: Project) -> dict[str, Any]:
    return {**of_survey(project), "question": "words"}


SURVEYS = {
    "surveys:survey_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "surveys:survey_detail": Row(arguments=of_survey, GET=PAGE_FOR_ALL_MEMBERS),
    "surveys:survey_open": Row(
        arguments=of_draft, POST=DONE_BY_MANAGERS, data=lambda project: {"people": 1}
    ),
    "surveys:survey_close": Row(arguments=of_survey, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS),
    "surveys:survey_edit": Row(arguments=of_draft, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "surveys:survey_preview": Row(arguments=of_draft, GET=PAGE_FOR_ALL_MEMBERS),
    "surveys:survey_texts": Row(arguments=of_text_question, GET=PAGE_FOR_ALL_MEMBERS),
    "surveys:survey_export": Row(arguments=of_survey, GET=PAGE_FOR_ALL_MEMBERS),
}


def of_personal_link(project: Project) -> dict[str, Any]:
    (invitation,) = invite(open_survey_row(CohortFactory(project=project)))
    return {"token": links.token("survey", invitation.public_id, invitation.generation)}


def without_link(project: Project) -> dict[str, Any]:
    return {"pk": open_survey_row(CohortFactory(project=project)).pk}


UNKNOWN_LINK = "404  404  404  404  404  404"
PUBLIC_SURVEY = {
    "survey:enter": Row(
        arguments=of_personal_link,
        GET="302  302  302  302  302  302",
        POST="405  405  405  405  405  405",
    ),
    "survey:answer": Row(arguments=without_link, GET=UNKNOWN_LINK, POST=UNKNOWN_LINK),
    "survey:change": Row(
        arguments=without_link, GET="405  405  405  405  405  405", POST=UNKNOWN_LINK
    ),
}
