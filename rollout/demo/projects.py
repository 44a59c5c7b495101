"""The two demo projects: one in mid-flight with some 400 people, one that has just been made."""

import io
import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from django.utils.timezone import now

from accounts.models import User
from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.services.roster import import_people
from communications.services.sending import Report
from playbooks.library import get_playbook
from projects.enums import AccessRole, Level
from projects.models import Project, ReadinessCheck, Stakeholder, Step
from projects.services.projects import update_scope, update_settings
from projects.services.readiness import answer_readiness
from projects.services.risks import RiskContent, add_risk
from projects.services.stakeholders import add_stakeholder
from projects.services.steps import update_step
from rollout.demo.care import care_for_people
from rollout.demo.cases import hear_more_people, hear_people, open_dates
from rollout.demo.channels import cards_stay_here, open_channels, seal_channels
from rollout.demo.gates import hesitate, prepare
from rollout.demo.modes import report_modes
from rollout.demo.moving import move_last_wave
from rollout.demo.people import DOMAIN, TEAMS, roster
from rollout.demo.shape import shape_cohorts
from rollout.demo.story import Chapters, Story
from rollout.drafts import ProjectDraft, ProjectPlan, plan_project
from rollout.services.create import create_project

ZONE = "Europe/Berlin"
WEEK = 7
TICKED = 3  # points on the list of the wave that comes next
UNANSWERED = 3  # of the readiness questions: there is always something left
SPONSORS = (
    ("Dr. Henrik Osterloh", "henrik.osterloh", 0),
    ("Ayşe Demir", "ayse.demir", 1),
    ("Ewan Fraser", "ewan.fraser", 2),
    ("Beate Wülfing", "beate.wuelfing", 3),
    ("Tomasz Nowak", "tomasz.nowak", 4),
    ("Lena Brandt", "lena.brandt", 5),
    ("Sven Petersen", "sven.petersen", 6),
    ("Jörg Hansen", "joerg.hansen", 7),
)


def make_running_project(
    *,
    playbook_key: str,
    manager: User,
    viewer: User,
    today: date,
    send: Callable[[], Report],
) -> Project:
    """Pilot finished, wave 1 switched a few days ago, wave 2 being told. Dated from ``today``.

    Made on a Monday's dates and moved back by whole weeks, so that weekdays stay what they were.
    """
    waves = max(team.cohort for team in TEAMS)
    draft = _draft(playbook_key, "Nordwind Energie", waves, today)
    plan = plan_project(draft)
    project = create_project(draft=draft, owner=manager, acting_user=manager)
    _describe(project, plan, manager, viewer)
    story = Story(
        project=project,
        manager=manager,
        send=send,
        dice=random.Random(11),  # noqa: S311 - invented answers
        last_day=_days_to_live(plan, today),
    )
    with cards_stay_here() as url:
        open_channels(project, manager, url)
        story.live(_chapters(project, plan, manager, today))
        seal_channels(project, manager)
    _look_now(project, manager)
    return project


def _chapters(project: Project, plan: ProjectPlan, manager: User, today: date) -> Chapters:
    """What happens on which day of the story."""
    pilot_day = (plan.schedule.anchors.pilot_start - today).days
    first_day = (plan.schedule.anchors.first_switch - today).days
    return {
        pilot_day - 6 * WEEK: partial(_import, project, manager, pilot=True),
        pilot_day - 5 * WEEK: partial(_import, project, manager, pilot=False),
        pilot_day - 4 * WEEK: partial(_answer_questions, project, manager),
        first_day - 3 * WEEK: partial(_note_risk, project, manager),
        first_day - 2 * WEEK: partial(open_dates, project, manager),
        first_day - WEEK: partial(report_modes, project, manager),
        first_day - 4: partial(hesitate, project, manager),
        first_day + 1: partial(hear_people, project, manager),
    }


def _look_now(project: Project, manager: User) -> None:
    """What there is to see today: reports, cases, people to care for, cohorts and their gates."""
    report_modes(project, manager)
    hear_more_people(project)
    care_for_people(project, manager)
    shape_cohorts(project, manager)
    move_last_wave(project, manager)
    coming = Cohort.objects.filter(project=project, status=CohortStatus.PLANNED)
    for cohort in coming.select_related("project").order_by("position")[:1]:
        prepare(cohort, manager, now(), TICKED)


def make_fresh_project(*, playbook_key: str, manager: User, viewer: User, today: date) -> Project:
    """As it is right after the wizard: a plan, nobody imported, nothing sent."""
    title = get_playbook(playbook_key).title
    draft = _draft(playbook_key, f"Südhafen: {title}", 2, today)
    project = create_project(draft=draft, owner=manager, acting_user=manager)
    _add_viewer(project, manager, viewer)
    return project


def _draft(playbook_key: str, name: str, waves: int, today: date) -> ProjectDraft:
    """At the playbook's own pace, from the next Monday on."""
    return ProjectDraft(
        playbook_key=playbook_key,
        name=name,
        starts_on=today + timedelta(days=-today.weekday() % WEEK),
        target_on=None,
        timezone=ZONE,
        wave_count=waves,
    )


def _days_to_live(plan: ProjectPlan, today: date) -> int:
    """Whole weeks until two to eight days after the first wave's switch."""
    wanted = (plan.schedule.anchors.first_switch - today).days + 2
    return -(-wanted // WEEK) * WEEK


def _describe(project: Project, plan: ProjectPlan, manager: User, viewer: User) -> None:
    update_settings(
        project=project,
        name=project.name,
        timezone=ZONE,
        help_contact=f"Nina Lüders at the service desk (extension 4400, help@{DOMAIN})",
        acting_user=manager,
    )
    update_scope(
        project=project,
        vision="One place to talk, meet and work together, on shore and offshore.",
        scope="Everybody in Hamburg, Kiel, Rostock, Esbjerg and Aberdeen. Not: the control room.",
        acting_user=manager,
    )
    _add_viewer(project, manager, viewer)
    codes = [role.code for role in plan.playbook.roles]
    for name, account, place in SPONSORS:
        add_stakeholder(
            project=project,
            name=name,
            email=f"{account}@{DOMAIN}",
            access=AccessRole.NONE,
            role_codes=codes[place :: len(SPONSORS)],
            acting_user=manager,
        )
    _hand_out(project, manager)


def _hand_out(project: Project, manager: User) -> None:
    """Steps that two roles do go to the second one, so that the manager does not own them all."""
    holders = {
        code: person
        for person in Stakeholder.objects.filter(project=project, user=None)
        for code in person.role_codes
    }
    for step in Step.objects.filter(project=project):
        owner = holders.get(step.role_codes[-1]) if len(step.role_codes) > 1 else None
        if owner is not None:
            update_step(
                step=step,
                owner=owner,
                starts_on=step.starts_on,
                ends_on=step.ends_on,
                acting_user=manager,
            )


def _add_viewer(project: Project, manager: User, viewer: User) -> None:
    add_stakeholder(
        project=project,
        name=viewer.name,
        email=viewer.email,
        access=AccessRole.VIEWER,
        role_codes=[],
        acting_user=manager,
    )


def _import(project: Project, manager: User, *, pilot: bool) -> None:
    cohorts = {cohort.position: cohort for cohort in Cohort.objects.filter(project=project)}
    for team in TEAMS:
        if (team.cohort == 0) == pilot:
            import_people(
                project=project,
                stream=io.BytesIO(roster(team)),
                cohort=cohorts[team.cohort],
                is_strict=True,
                is_dry_run=False,
                acting_user=manager,
            )


def _answer_questions(project: Project, manager: User) -> None:
    """All but the last few, whatever the playbook asks."""
    checks = ReadinessCheck.objects.filter(project=project).order_by("pk")
    for check in checks[: max(0, checks.count() - UNANSWERED)]:
        by_kind = {"yes_no": "yes", "number": "12", "choice": next(iter(check.choices), "")}
        answer_readiness(
            check=check,
            answer=by_kind.get(check.kind, "See the notes in the project folder."),
            is_blocking=False,
            acting_user=manager,
        )


def _note_risk(project: Project, manager: User) -> None:
    content = RiskContent(
        title="The second network link to Aberdeen may arrive after wave 3",
        likelihood=Level.MEDIUM,
        impact=Level.HIGH,
        mitigation="Ask the provider weekly; move the Aberdeen people to wave 4 if it slips.",
    )
    add_risk(project=project, content=content, acting_user=manager)
