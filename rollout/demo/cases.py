"""What people of the demo say on their own pages, and what the team makes of it.

Some ask for a later date, some have problems, some are champions; the last waves are open for
choice.
"""

from dataclasses import replace
from datetime import timedelta

from django.utils.timezone import now

from accounts.models import User
from cohorts.enums import CohortKind, CohortStatus
from cohorts.models import Cohort, Membership, Participant
from cohorts.services.champions import set_champion
from cohorts.services.deferrals import ask_deferral, refuse_deferral
from cohorts.services.editing import edit_cohort, settings_of
from cohorts.services.problems import report_problem, solve_problem
from projects.models import Project
from rollout.services.moves import approve_deferral, choose_date

SPARE = 12  # places that a wave has beyond its people
APPROVED = (
    ("On a supply ship until the end of the month, without a stable line.", "Safe journey."),
    ("Parental leave; back when the last wave goes.", "All the best. You move when you are back."),
)
REFUSED = (
    "I would rather wait until everybody else has done it.",
    "Your team moves together and needs you there. Nina sits next to you on the day.",
)
ASKED = (
    "Year-end closing falls on that week. One week later would be fine.",
    "I am on the night shift in Esbjerg on that day.",
)
OPEN = (
    ("My headset is not found; I take customers' calls all day.", True),
    ("The room booking panel still opens the old client.", False),
)
SOLVED = (
    "I cannot sign in on my phone.",
    "The second factor was missing. Set up again, works.",
)


def open_dates(project: Project, manager: User) -> None:
    """The last two waves take people who choose them, up to a number of places."""
    for cohort in _planned_waves(project)[-2:]:
        places = Membership.objects.filter(cohort=cohort).count() + SPARE
        settings = replace(settings_of(cohort), capacity=places, is_bookable=True)
        edit_cohort(cohort=cohort, settings=settings, acting_user=manager)


def hear_people(project: Project, manager: User) -> None:
    """What is decided and solved by the end of the story."""
    here, *later = _planned_waves(project)
    at, people = now(), iter(_people(here))
    for reason, note in APPROVED:
        deferral = ask_deferral(participant=next(people), reason=reason, acting_user=None, at=at)
        approve_deferral(
            deferral=deferral,
            to_cohort=later[-1],
            until=later[-1].switch_on + timedelta(days=7),
            note=note,
            acting_user=manager,
            at=at,
        )
    reason, note = REFUSED
    deferral = ask_deferral(participant=next(people), reason=reason, acting_user=None, at=at)
    refuse_deferral(deferral=deferral, note=note, acting_user=manager, at=at)
    text, note = SOLVED
    problem = report_problem(
        participant=next(people), text=text, is_blocking=True, acting_user=None, at=at
    )
    solve_problem(problem=problem, note=note, acting_user=manager, at=at)
    choose_date(participant=next(people), cohort=later[-1], at=at)
    for _number in range(4):
        set_champion(participant=next(people), is_champion=True, acting_user=None, at=at)


def hear_more_people(project: Project) -> None:
    """What waits for the team when the demo is opened."""
    here = _planned_waves(project)[0]
    at, people = now(), reversed(_people(here))
    for reason in ASKED:
        ask_deferral(participant=next(people), reason=reason, acting_user=None, at=at)
    for text, is_blocking in OPEN:
        report_problem(
            participant=next(people), text=text, is_blocking=is_blocking, acting_user=None, at=at
        )


def _planned_waves(project: Project) -> list[Cohort]:
    waves = project.cohorts.filter(kind=CohortKind.WAVE, status=CohortStatus.PLANNED)
    return list(waves.select_related("project").order_by("position"))


def _people(cohort: Cohort) -> list[Participant]:
    people = Participant.objects.in_cohort(cohort).select_related("project")
    return list(people.order_by("pk"))
