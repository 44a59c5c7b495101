"""The demo's last wave moves by a week, before anybody has been told its date."""

from datetime import timedelta

from accounts.models import User
from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.switching import dates_of
from communications.services.pipeline.clock import database_now
from projects.models import Project
from rollout.queries.reschedule import plan_reschedule
from rollout.services.reschedule import apply_reschedule

LATER = timedelta(days=7)


def move_last_wave(project: Project, manager: User) -> None:
    """As its page does it: look at what changes, then do that."""
    planned = Cohort.objects.filter(project=project, status=CohortStatus.PLANNED)
    last = planned.select_related("project").order_by("-switch_on", "-pk").first()
    if last is None:
        return
    new = dates_of(last).on(last.switch_on + LATER)
    plan = plan_reschedule(cohort=last, new=new, at=database_now())
    apply_reschedule(cohort=last, new=new, acting_user=manager, seen_digest=plan.digest)
