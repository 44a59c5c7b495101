"""The only way from an address to a project. Strangers get 404, members without the right 403.

Rooms to the right call get_project() and its kin first and look their own objects up inside the
project they got, so permission always comes from the object's own project.
"""

from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.enums import AccessRole
from projects.models import (
    Gate,
    GateCriterion,
    Goal,
    Project,
    ReadinessCheck,
    Risk,
    Stakeholder,
    Step,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

EDITORS = frozenset({AccessRole.MANAGER, AccessRole.CONTRIBUTOR})
MANAGERS = frozenset({AccessRole.MANAGER})


def role_of(user: "User | AnonymousUser", project: Project) -> AccessRole:
    """What ``user`` may do in ``project``. Site administrators are managers everywhere."""
    if not user.is_authenticated or not user.is_active:
        return AccessRole.NONE
    if user.is_superuser:
        return AccessRole.MANAGER
    row = Stakeholder.objects.filter(project=project, user=user).only("access").first()
    return AccessRole(row.access) if row else AccessRole.NONE


def get_project(user: "User | AnonymousUser", slug: str) -> Project:
    """The project for reading. Sets ``project.role``, which templates use to hide controls.

    For readers without a zone of their own the project's zone becomes the current one; the
    middleware that activates the reader's zone takes it back after the request.
    """
    project = Project.objects.filter(slug=slug).first()
    role = role_of(user, project) if project else AccessRole.NONE
    if project is None or role == AccessRole.NONE:
        raise Http404
    project.role = role
    if not getattr(user, "timezone", ""):
        timezone.activate(project.timezone)
    return project


def get_editable_project(user: "User | AnonymousUser", slug: str) -> Project:
    """The project for writing steps, evidence, risks, answers: managers and contributors."""
    return _require(get_project(user, slug), EDITORS)


def get_managed_project(user: "User | AnonymousUser", slug: str) -> Project:
    """The project for what reaches people or changes the plan: managers only."""
    return _require(get_project(user, slug), MANAGERS)


def _require(project: Project, roles: frozenset[AccessRole]) -> Project:
    if project.role not in roles:
        raise PermissionDenied(_("Your role in this project does not allow this. Ask a manager."))
    return project


def get_step(project: Project, key: str) -> Step:
    """The step of a project that came from one of the functions above; 404 for any other key."""
    steps = Step.objects.select_related("phase", "owner").filter(project=project, key=key)
    return _inside(project, steps.first())


def get_goal(project: Project, key: str) -> Goal:
    return _inside(project, Goal.objects.filter(project=project, key=key).first())


def get_risk(project: Project, pk: int) -> Risk:
    risks = Risk.objects.select_related("owner").filter(project=project, pk=pk)
    return _inside(project, risks.first())


def get_readiness_check(project: Project, pk: int) -> ReadinessCheck:
    return _inside(project, ReadinessCheck.objects.filter(project=project, pk=pk).first())


def get_gate(project: Project, key: str) -> Gate:
    return _inside(project, Gate.objects.filter(project=project, key=key).first())


def get_criterion(gate: Gate, pk: int) -> GateCriterion:
    """A criterion of a gate that came from the function above."""
    row = gate.criteria.filter(pk=pk).first()
    if row is None:
        raise Http404
    row.gate = gate
    return row


def get_stakeholder(project: Project, pk: int) -> Stakeholder:
    people = Stakeholder.objects.select_related("user").filter(project=project, pk=pk)
    return _inside(project, people.first())


Row = TypeVar("Row", Gate, Step, Goal, Risk, ReadinessCheck, Stakeholder)


def _inside(project: Project, row: Row | None) -> Row:
    if row is None:
        raise Http404
    row.project = project  # the one whose role is known; saves a query too
    return row
