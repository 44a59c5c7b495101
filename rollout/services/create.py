"""Makes a whole project from a playbook: each room makes its own rows, all in one transaction."""

from datetime import time
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.planning import CohortPlan
from cohorts.services.cohorts import create_cohorts
from common.exceptions import Conflict
from communications.services.messages import create_messages
from communications.services.occurrences import create_occurrences
from projects.models import Project
from projects.services.projects import create_project_rows
from rollout.drafts import ProjectDraft, ProjectPlan, plan_project
from surveys.services.surveys import audience_overrides, create_surveys

if TYPE_CHECKING:
    from accounts.models import User

SWITCH_TIME = time(18, 0)  # after office hours; each cohort's own time can be changed later


@transaction.atomic
def create_project(
    *, draft: ProjectDraft, owner: "User", acting_user: "User", seen_digest: str = ""
) -> Project:
    """The project with plan, cohorts, messages, occurrences and surveys.

    ``owner`` becomes its manager. With ``seen_digest`` (the plan somebody looked at) a plan that
    came out differently meanwhile is refused with Conflict (409).
    """
    plan = plan_project(draft)
    if seen_digest and seen_digest != plan.digest:
        raise Conflict(_("The plan has changed since you looked at it. Look at it once more."))
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
    create_surveys(
        project=project, playbook=plan.playbook, cohorts=cohorts, acting_user=acting_user
    )
    create_occurrences(project=project, anchors=plan.schedule.anchors, acting_user=acting_user)
    return project


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
