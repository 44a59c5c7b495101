"""The only way from an address to a survey, for members of the project and for those asked.

Members: a stranger gets 404, a member without the right 403, see ``projects.access``. People with
a personal link: whatever is not a link of ours that still counts is unknown, without saying why.
"""

from typing import TYPE_CHECKING

from django.http import Http404

from common import links
from common.links import Link
from projects.access import get_managed_project, get_project
from projects.models import Project
from surveys.models import Invitation, Question, Survey
from surveys.queries.numbers import CountedSurvey, surveys_with_counts
from surveys.visits import PURPOSE, Visit

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

__all__ = [
    "find_invitation",
    "find_visited",
    "get_managed_survey",
    "get_project",
    "get_survey",
    "get_text_question",
]


def get_survey(user: "User | AnonymousUser", slug: str, pk: int) -> "CountedSurvey":
    """The survey for reading, with ``invited``, ``answered`` and ``to_ask``."""
    return _survey_in(get_project(user, slug), pk)


def get_managed_survey(user: "User | AnonymousUser", slug: str, pk: int) -> "CountedSurvey":
    """The survey for opening, closing and wording: managers only."""
    return _survey_in(get_managed_project(user, slug), pk)


def _survey_in(project: Project, pk: int) -> "CountedSurvey":
    survey = surveys_with_counts(project).filter(pk=pk).first()
    if survey is None:
        raise Http404
    survey.project = project  # carries the reader's role, and saves a query
    return survey


def get_text_question(survey: Survey, key: str) -> Question:
    """A question of the survey that is answered in words."""
    question = survey.questions.texts().filter(key=key).first()
    if question is None:
        raise Http404
    return question


def find_invitation(token: str) -> Invitation | None:
    """The invitation behind a mailed token; None for every token that is not (or no longer) one."""
    link = links.read(PURPOSE, token)
    return _invitation(link) if link else None


def find_visited(visit: Visit | None, survey_pk: int) -> Invitation | None:
    """The invitation of this visit, with survey, cohort and project, in one query."""
    invitation = _invitation(visit.link) if visit else None
    return invitation if invitation and invitation.survey_id == survey_pk else None


def _invitation(link: Link) -> Invitation | None:
    return (
        Invitation.objects.filter(public_id=link.public_id, generation=link.generation)
        .select_related("survey__cohort", "survey__project")
        .first()
    )
