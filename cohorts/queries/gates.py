"""Whether a cohort's go/no-go is closed: for notes and records of what is ordered all the same."""

from datetime import datetime

from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus
from cohorts.gates import gate_key
from cohorts.models import Cohort
from projects.queries.gates import closed_mark, gates_without_go


def closed_gate(cohort: Cohort | None, at: datetime) -> dict[str, str]:
    """{"gate": "closed"} for the record and for commands, else nothing to add.

    Only a planned cohort waits for its gate.
    """
    if cohort is None or cohort.status != CohortStatus.PLANNED:
        return {}
    return closed_mark(cohort.project, gate_key(cohort), at)


def gate_note(cohort: Cohort | None, at: datetime) -> str:
    """A sentence for a page where nobody has said go; by decisions alone, in one query."""
    if cohort is None or cohort.status != CohortStatus.PLANNED:
        return ""
    if not gates_without_go(cohort.project, at).filter(key=gate_key(cohort)).exists():
        return ""
    return _(
        "Nobody has said go for “%(name)s” yet. That stops nothing that you order yourself; the"
        " record will say so."
    ) % {"name": cohort.name}


def closed_sentence(cohort: Cohort) -> str:
    """What a command says on standard error."""
    return _(
        "Note: the go/no-go of “%(name)s” is closed. It was done all the same, and the record says"
        " so."
    ) % {"name": cohort.name}
