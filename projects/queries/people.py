"""Stakeholders for lists and for choosing an owner."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from playbooks.schema import Role
from projects.enums import STEP_CLOSED
from projects.models import Project, Stakeholder
from projects.queries.guide import playbook_of


@dataclass(frozen=True, slots=True)
class StakeholderRow:
    stakeholder: Stakeholder
    roles: tuple[Role, ...]


def roles_of(project: Project) -> tuple[Role, ...]:
    """The roles of the project's own copy of the playbook; none for a project without one."""
    playbook = playbook_of(project)
    return playbook.roles if playbook else ()


def stakeholder_rows(project: Project) -> tuple[StakeholderRow, ...]:
    """Everybody with roles and the number of open steps. One query."""
    known = {role.code: role for role in roles_of(project)}
    people = (
        Stakeholder.objects.filter(project=project)
        .select_related("user")
        .annotate(
            open_steps=Count("owned_steps", ~Q(owned_steps__status__in=STEP_CLOSED)),
            last_seen=F("user__last_login"),
        )
        .order_by("name", "pk")  # counting drops the model's own order
    )
    return tuple(
        StakeholderRow(person, tuple(known[code] for code in person.role_codes if code in known))
        for person in people
    )


def owners_of(project: Project) -> QuerySet[Stakeholder]:
    """Who can own a step, a goal or a risk here: every stakeholder."""
    return Stakeholder.objects.filter(project=project)
