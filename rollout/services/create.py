"""Makes a whole project from a playbook: each room makes its own rows, all in one transaction."""

from datetime import time

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from cohorts.planning import CohortPlan
from cohorts.services.cohorts import create_cohorts
from common.exceptions import Conflict
from communications.services.occurrences import create_occurrences
from communications.services.playbook_messages import create_messages
from projects.models import Project
from projects.services.projects import create_project_rows
from rollout.drafts import ProjectDraft, ProjectPlan, plan_project
from rollout.services.gates import create_cohort_gates
from surveys.services.surveys import audience_overrides, create_surveys

SWITCH_TIME = time(18, 0)  # after office hours; each cohort's own time can be changed later


@transaction.atomic
def create_project(
    *, draft: ProjectDraft, owner: User, acting_user: User, seen_digest: str = ""
) -> Project:
    """The project with plan, cohorts, messages, occurrences and surveys.

    ``owner`` becomes its manager. With ``seen_digest`` (the plan somebody looked at) a plan that
    came out differently meanwhile, or that was sent twice, is refused with Conflict (409).
    """
    plan = plan_project(draft)
    if seen_digest:
        _refuse_old_or_second(plan, seen_digest, acting_user)
    project = create_project_rows(
        name=draft.name.strip(),
        playbook=plan.playbook,
        schedule=plan.schedule,
        timezone=draft.timezone,
        from_mode=plan.from_mode.key,
        to_mode=plan.to_mode.key,
        owner=owner,
        acting_user=acting_user,
    )
    cohorts = create_cohorts(project=project, plan=_cohort_plans(plan), acting_user=acting_user)
    create_messages(
        project=project,
        playbook=plan.playbook,
        audience_overrides=audience_overrides(plan.playbook),
        acting_user=acting_user,
    )
    # Before the surveys add their reminders: those are planned when a survey opens.
    create_occurrences(project=project, anchors=plan.schedule.anchors, acting_user=acting_user)
    create_surveys(
        project=project, playbook=plan.playbook, cohorts=cohorts, acting_user=acting_user
    )
    create_cohort_gates(project=project, cohorts=cohorts, acting_user=acting_user)
    return project


def _refuse_old_or_second(plan: ProjectPlan, seen_digest: str, acting_user: User) -> None:
    if seen_digest != plan.digest:
        raise Conflict(_("The plan has changed since you looked at it. Look at it once more."))
    # Of two clicks at once the second waits here until it can see the first one's project.
    User.objects.select_for_update().get(pk=acting_user.pk)
    if Project.objects.filter(
        created_by=acting_user,
        name=plan.draft.name.strip(),
        playbook_key=plan.playbook.key,
        starts_on=plan.schedule.anchors.project_start,
        target_on=plan.schedule.target_on,
    ).exists():
        raise Conflict(
            _(
                "You have made this project already; find it under Projects. "
                "Give this one another name if you want a second."
            )
        )


def _cohort_plans(plan: ProjectPlan) -> list[CohortPlan]:
    return [
        CohortPlan(
            kind=cohort.kind,
            name=cohort.name,
            position=cohort.position,
            switch_on=cohort.switch_on,
            switch_time=SWITCH_TIME,
            timezone=plan.draft.timezone,
            ends_on=cohort.ends_on,
            from_mode=plan.from_mode.key,
            to_mode=plan.to_mode.key,
        )
        for cohort in plan.schedule.cohorts
    ]
