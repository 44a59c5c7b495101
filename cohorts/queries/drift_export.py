"""The list of drift as a table, in one statement and so in one snapshot."""

from collections.abc import Iterator

from cohorts.enums import ModeState, ParticipantStatus
from cohorts.models import Cohort, Membership
from cohorts.modes.plan import ModePlan
from projects.models import Project

DRIFT_HEADER = (
    "displayName", "userPrincipalName", "mail", "cohort", "observedMode", "targetMode", "since",
    "granted",
)  # fmt: skip


def drift_rows(project: Project, cohort: Cohort | None) -> Iterator[tuple[object, ...]]:
    """Active people in drift, of one cohort or of all, under DRIFT_HEADER, in the list's order."""
    plan = ModePlan.of(project.playbook_snapshot)
    rows = Membership.objects.filter(
        mode_state=ModeState.DRIFT, participant__status=ParticipantStatus.ACTIVE
    )
    rows = rows.filter(cohort=cohort) if cohort else rows.filter(cohort__project=project)
    cells = rows.order_by("pk").values_list(
        "participant__display_name",
        "participant__upn",
        "participant__mail",
        "cohort__name",
        "observed_mode",
        "cohort__to_mode",
        "observed_at",
        "granted_at",
    )
    for *person, observed, target, since, granted in cells.iterator(chunk_size=2000):
        yield (*person, plan.title(observed), plan.title(target), since, granted)
