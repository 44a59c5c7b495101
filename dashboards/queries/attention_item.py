"""What a row of "Needs attention" is, and the figures it is made of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communications.queries.stopped import Stopped
from dashboards.queries.cohorts import CohortFigures
from dashboards.queries.sending import TroubledOccurrence, WaitingOccurrence
from projects.models import Project, Step
from projects.queries.goals import GoalRow
from surveys.models import Survey

MANY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionItem:
    """One row. ``state`` is a look of the status tag; ``weight`` sorts, highest first."""

    state: str
    word: str
    title: str
    detail: str = ""
    age: str = ""
    url: str
    action: str
    weight: int
    # The same as a thing to do, with its reason, where the title alone does not say it.
    deed: str = ""
    why: str = ""
    is_for_managers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything the two functions below look at. ``today`` is a day in the project's zone."""

    project: Project
    today: date
    at: datetime
    overdue: Sequence[Step] = ()
    open_steps: Sequence[Step] = ()
    cohorts: Sequence[CohortFigures] = ()
    goals: Sequence[GoalRow] = ()
    stopped: Sequence[Stopped] = ()
    troubled: Sequence[TroubledOccurrence] = ()
    waiting: Sequence[WaitingOccurrence] = ()
    unopened_surveys: Sequence[Survey] = ()
    # Keys of the gates through which nobody switches today.
    closed_gates: Collection[str] = ()
    # People who wait for an answer, and problems that block a switch; counted up to MANY.
    open_deferrals: int = 0
    blocking_problems: int = 0


def days_ago(day: date, today: date) -> str:
    days = (today - day).days
    if days > 0:
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    if days == 0:
        return _("today")
    return ngettext("in %(n)s day", "in %(n)s days", -days) % {"n": -days}
