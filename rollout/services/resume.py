"""A paused project goes on: what was held meanwhile leaves at once, to people somebody has seen."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from common.doorbell import ring
from communications.queries.waiting import waiting_in
from communications.services.approval import PUMP
from communications.services.seen import refuse_other_number
from projects.enums import ProjectStatus
from projects.models import Project
from projects.services.projects import change_project_status

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def resume_project(
    *, project: Project, acting_user: "User", seen_people: int, at: datetime
) -> Project:
    """Conflict where ``seen_people`` is not how many get mail at once, StaleState where it goes on
    already."""
    refuse_other_number(waiting_in(project, at).people, seen_people)
    change_project_status(project=project, status=ProjectStatus.ACTIVE, acting_user=acting_user)
    ring(PUMP)
    return project
