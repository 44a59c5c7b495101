"""The project's own metric: how much of the work is done."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from projects.enums import StepStatus
from projects.metrics import Params, Reading, register
from projects.models import Project, Step


def steps_done(project: Project, params: Params, at: datetime) -> Reading | None:
    """Percent of steps done, of all or of ``phase`` / ``phases`` / ``steps``; n is their number.

    Steps that are not needed do not count. None where no step is left to count.
    """
    steps = Step.objects.filter(project=project).exclude(status=StepStatus.SKIPPED)
    phases = _several(params.get("phases")) + _several(params.get("phase"))
    if phases:
        steps = steps.filter(phase__key__in=phases)
    if params.get("steps"):
        steps = steps.filter(key__in=_several(params["steps"]))
    counted = steps.aggregate(total=Count("pk"), done=Count("pk", Q(status=StepStatus.DONE)))
    if not counted["total"]:
        return None
    return Reading(value=Decimal(100 * counted["done"]) / counted["total"], n=counted["total"])


def _several(value: object) -> list[str]:
    if not value:
        return []
    return [value] if isinstance(value, str) else [str(part) for part in value]  # type: ignore[attr-defined]


def register_all() -> None:
    register(
        "steps_done", "%", _("Steps done ÷ steps that are needed."), steps_done, is_growing=True
    )
