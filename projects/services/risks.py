"""The risk register: add, change, move a risk's status."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from common.state import change_status
from projects.enums import RISK_TRANSITIONS, RiskStatus
from projects.exceptions import NotAllowedHere
from projects.models import Project, Risk, Stakeholder
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

EDIT_FIELDS = ("title", "likelihood", "impact", "mitigation", "owner_id", "status")


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskContent:
    """What a person writes down about a risk; ``likelihood`` and ``impact`` are Levels."""

    title: str
    likelihood: str
    impact: str
    mitigation: str = ""
    owner: Stakeholder | None = None


@transaction.atomic
def add_risk(*, project: Project, content: RiskContent, acting_user: "User | None") -> Risk:
    """Put a risk on the register, open."""
    require_open(project)
    _require_own(project, content.owner)
    risk = Risk(project=project)
    _write(risk, content)
    risk.save()
    events.record(
        project=project,
        verb="risk.added",
        sentence=_("Risk “%(risk)s” added.") % {"risk": risk.title},
        acting_user=acting_user,
        subject=risk,
    )
    return risk


@transaction.atomic
def update_risk(
    *, risk: Risk, content: RiskContent, status: str, acting_user: "User | None", seen: str = ""
) -> Risk:
    """Change a risk's words, levels, owner and status. PlanChanged where somebody was faster."""
    project = risk.project
    require_open(project)
    _require_own(project, content.owner)
    risk = lock_row(risk, seen=seen, fields=EDIT_FIELDS)
    if status != risk.status:
        change_status(risk, status, transitions=RISK_TRANSITIONS)
    _write(risk, content)
    risk.save(update_fields=["title", "likelihood", "impact", "mitigation", "owner"])
    events.record(
        project=project,
        verb="risk.changed",
        sentence=_("Risk “%(risk)s” changed; it is “%(status)s”.")
        % {"risk": risk.title, "status": RiskStatus(risk.status).label},
        acting_user=acting_user,
        subject=risk,
        data={"status": risk.status},
    )
    return risk


def _write(risk: Risk, content: RiskContent) -> None:
    risk.title, risk.mitigation = content.title.strip(), content.mitigation
    risk.likelihood, risk.impact, risk.owner = content.likelihood, content.impact, content.owner


def _require_own(project: Project, owner: Stakeholder | None) -> None:
    if owner is not None and owner.project_id != project.pk:
        raise NotAllowedHere(_("Choose an owner from this project's stakeholders."))
