"""Makes a project's own rows from a playbook and changes the project itself.

Cohorts, messages and surveys are made by their rooms; ``rollout`` calls all of them.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from common.dates import zone_fault
from common.exceptions import DomainError
from common.state import change_status, label
from playbooks.schema import Playbook
from projects.enums import PROJECT_TRANSITIONS, AccessRole
from projects.models import Goal, Milestone, Phase, Project, ReadinessCheck, Risk, Stakeholder, Step
from projects.schedule_plan import SchedulePlan
from projects.services import events, rows
from projects.services.guards import lock_row
from projects.services.slugs import free_slug, require_slug

if TYPE_CHECKING:
    from accounts.models import User

SETTINGS_FIELDS = ("name", "timezone", "help_contact")
SCOPE_FIELDS = ("vision", "scope")


@transaction.atomic
def create_project_rows(
    *,
    name: str,
    playbook: Playbook,
    schedule: SchedulePlan,
    timezone: str,
    from_mode: str,
    to_mode: str,
    acting_user: "User | None",
    owner: "User",
    slug: str | None = None,
) -> Project:
    """Project, owner as manager, phases, steps, goals, risks, readiness questions, milestones.

    The owner carries the role that does most of the playbook's steps, so that work begins with a
    name on it. A fixed number of queries whatever the playbook's size. Raises DomainError for a
    taken ``slug`` and for a bad name or zone.
    """
    _check(name, timezone)
    project = _insert(
        slug,
        name=name.strip(),
        playbook_key=playbook.key,
        playbook_version=playbook.version,
        playbook_snapshot=playbook.to_snapshot(),
        starts_on=schedule.anchors.project_start,
        target_on=schedule.target_on,
        timezone=timezone,
        from_mode=from_mode,
        to_mode=to_mode,
        created_by=acting_user or owner,
    )
    lead = _first_manager(project, owner, playbook)
    _fill(project, playbook, schedule, dict.fromkeys(lead.role_codes, lead))
    made = _("Project made from the playbook “%(playbook)s”.") % {"playbook": playbook.title}
    _record(project, "created", made, acting_user)
    return project


def _record(project: Project, verb: str, sentence: str, acting_user: "User | None") -> None:
    events.record(
        project=project,
        verb=f"project.{verb}",
        sentence=sentence,
        acting_user=acting_user,
        subject=project,
    )


def _insert(slug: str | None, *, name: str, **columns: Any) -> Project:
    # Two projects of the same name at once would choose the same free slug.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('projects.slug'))")
    chosen = require_slug(slug) if slug is not None else free_slug(name)
    return Project.objects.create(slug=chosen, name=name, **columns)


def _first_manager(project: Project, owner: "User", playbook: Playbook) -> Stakeholder:
    return Stakeholder.objects.create(
        project=project,
        user=owner,
        name=str(owner)[:200],
        email=owner.email,
        access=AccessRole.MANAGER,
        role_codes=_leading_roles(playbook),
    )


def _check(name: str, timezone: str) -> None:
    if not name.strip() or len(name.strip()) > 200 or "\0" in name:
        raise DomainError(_("Give the project a name of at most 200 characters."))
    if fault := zone_fault(timezone):
        raise DomainError(fault)


def _leading_roles(playbook: Playbook) -> list[str]:
    doers = Counter(code for step in playbook.steps for code in step.roles.responsible[:1])
    return [doers.most_common(1)[0][0]] if doers else []


def _fill(
    project: Project, playbook: Playbook, schedule: SchedulePlan, holders: rows.Holders
) -> None:
    phases = Phase.objects.bulk_create(rows.phase_rows(project, playbook))
    by_phase = {phase.key: phase for phase in phases}
    steps = Step.objects.bulk_create(rows.step_rows(project, playbook, schedule, by_phase, holders))
    by_key = {step.key: step for step in steps}
    link = Step.after.through
    link.objects.bulk_create(
        link(from_step=by_key[step.key], to_step=by_key[before])
        for step in playbook.steps
        for before in step.after
    )
    Goal.objects.bulk_create(rows.goal_rows(project, playbook, holders))
    Risk.objects.bulk_create(rows.risk_rows(project, playbook, holders))
    ReadinessCheck.objects.bulk_create(rows.readiness_rows(project, playbook))
    Milestone.objects.bulk_create(rows.milestone_rows(project, schedule))


@transaction.atomic
def update_settings(
    *,
    project: Project,
    name: str,
    timezone: str,
    help_contact: str,
    acting_user: "User",
    seen: str = "",
) -> Project:
    """Name, zone and help contact. Moving the zone does not move what is planned already."""
    _check(name, timezone)
    project = lock_row(project, seen=seen, fields=SETTINGS_FIELDS)
    project.name, project.timezone, project.help_contact = name.strip(), timezone, help_contact
    project.save(update_fields=SETTINGS_FIELDS)
    _record(project, "settings", _("Settings changed."), acting_user)
    return project


@transaction.atomic
def update_scope(
    *, project: Project, vision: str, scope: str, acting_user: "User", seen: str = ""
) -> Project:
    """What the project wants and whom it reaches, in words."""
    project = lock_row(project, seen=seen, fields=SCOPE_FIELDS)
    project.vision, project.scope = vision, scope
    project.save(update_fields=SCOPE_FIELDS)
    _record(project, "scope", _("Vision and scope changed."), acting_user)
    return project


@transaction.atomic
def change_project_status(*, project: Project, status: str, acting_user: "User | None") -> Project:
    """Pause, resume or close. A paused or closed project sends nothing."""
    change = change_status(project, status, transitions=PROJECT_TRANSITIONS)
    words = {"status": label(project, "status", change.new)}
    _record(project, change.new, _("Project is now “%(status)s”.") % words, acting_user)
    return project
