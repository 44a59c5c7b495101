"""People who carry the project: their roles, their access, their invitations.

A project always keeps at least one manager who has an account.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services.users import ensure_user
from common.exceptions import DomainError
from projects.enums import STEP_CLOSED, AccessRole
from projects.exceptions import ManagerNeeded, NotAllowedHere
from projects.models import Goal, Project, Risk, Stakeholder, Step
from projects.queries.guide import playbook_of
from projects.queries.people import roles_of
from projects.services import events
from projects.services.guards import lock_row

if TYPE_CHECKING:
    from accounts.models import User

EDIT_FIELDS = ("name", "access", "role_codes")


@transaction.atomic
def add_stakeholder(
    *,
    project: Project,
    name: str,
    email: str,
    access: str,
    role_codes: Sequence[str],
    acting_user: "User | None",
) -> Stakeholder:
    """Add a person. With access an account is found or made and invited by mail.

    Steps, goals and risks without an owner go to the person where a role of theirs does them.
    Raises DomainError where the address is a stakeholder already.
    """
    _require_roles(project, role_codes)
    Project.objects.select_for_update().get(pk=project.pk)  # two clicks at once add one person
    if Stakeholder.objects.filter(project=project, email__iexact=email).exists():
        raise DomainError(_("%(email)s is a stakeholder already.") % {"email": email})
    stakeholder = Stakeholder.objects.create(
        project=project,
        user=None if access == AccessRole.NONE else ensure_user(email=email, name=name),
        name=name.strip(),
        email=email.strip(),
        access=access,
        role_codes=list(role_codes),
    )
    _hand_over(stakeholder)
    events.record(
        project=project,
        verb="stakeholder.added",
        sentence=_("%(name)s is a stakeholder now, with access “%(access)s”.")
        % {"name": stakeholder.name, "access": AccessRole(access).label},
        acting_user=acting_user,
        subject=stakeholder,
    )
    return stakeholder


@transaction.atomic
def update_stakeholder(
    *,
    stakeholder: Stakeholder,
    name: str,
    access: str,
    role_codes: Sequence[str],
    acting_user: "User",
    seen: str = "",
) -> Stakeholder:
    """Change name, access and roles. ManagerNeeded where the last manager would lose the right."""
    project = stakeholder.project
    _require_roles(project, role_codes)
    # Two managers demoting each other at once: the project's row decides who is first.
    Project.objects.select_for_update().get(pk=project.pk)
    row = lock_row(stakeholder, seen=seen, fields=EDIT_FIELDS)
    if access != AccessRole.MANAGER:
        _require_other_manager(row)
    if access != AccessRole.NONE and row.user_id is None:
        row.user = ensure_user(email=row.email, name=name)
    old = row.access
    row.name, row.access, row.role_codes = name.strip(), access, list(role_codes)
    row.save(update_fields=["name", "access", "role_codes", "user"])
    _hand_over(row)
    events.record(
        project=project,
        verb="stakeholder.changed",
        sentence=_("%(name)s: access is “%(access)s”, roles: %(roles)s.")
        % {
            "name": row.name,
            "access": AccessRole(access).label,
            "roles": ", ".join(role_codes) or "–",
        },
        acting_user=acting_user,
        subject=row,
        data={"old": old, "new": access},
    )
    return row


@transaction.atomic
def remove_stakeholder(*, stakeholder: Stakeholder, acting_user: "User") -> Project:
    """Take a person off the project; what they own is nobody's then. The account stays."""
    project = stakeholder.project
    Project.objects.select_for_update().get(pk=project.pk)
    _require_other_manager(stakeholder)
    name = stakeholder.name
    stakeholder.delete()
    events.record(
        project=project,
        verb="stakeholder.removed",
        sentence=_("%(name)s is no stakeholder any more.") % {"name": name},
        acting_user=acting_user,
    )
    return project


def _require_other_manager(stakeholder: Stakeholder) -> None:
    others = Stakeholder.objects.filter(
        project=stakeholder.project_id, access=AccessRole.MANAGER, user__is_active=True
    ).exclude(pk=stakeholder.pk)
    if stakeholder.access == AccessRole.MANAGER and not others.exists():
        raise ManagerNeeded(
            _("A project needs at least one manager. Make somebody else a manager first.")
        )


def _require_roles(project: Project, codes: Sequence[str]) -> None:
    known = {role.code for role in roles_of(project)} if codes else set()
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise NotAllowedHere(
            _("“%(role)s” is not a role of this project's playbook.") % {"role": unknown[0]}
        )


def _hand_over(person: Stakeholder) -> None:
    """Give the person what their roles do and nobody has yet."""
    codes = set(person.role_codes)
    playbook = playbook_of(person.project)
    if not codes or playbook is None:
        return
    open_steps = Step.objects.filter(project=person.project_id, owner=None).exclude(
        status__in=STEP_CLOSED
    )
    open_steps.filter(role_codes__overlap=list(codes)).update(owner=person)
    goals = [goal.key for goal in playbook.goals if goal.owner_role in codes]
    Goal.objects.filter(project=person.project_id, owner=None, key__in=goals).update(owner=person)
    risks = [risk.title for risk in playbook.risks if risk.owner_role in codes]
    Risk.objects.filter(project=person.project_id, owner=None, title__in=risks).update(owner=person)
