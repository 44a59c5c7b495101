"""A cohort's go/no-go: its name among the gates of its project, and what it is asked. Pure."""

from typing import TYPE_CHECKING

from playbooks.schema import GoCriterion

if TYPE_CHECKING:
    from cohorts.models import Cohort


def gate_key(cohort: "Cohort | int") -> str:
    """``cohort`` or its id -> "cohort:7"."""
    return f"cohort:{cohort if isinstance(cohort, int) else cohort.pk}"


def is_asked(criterion: GoCriterion, kind: str) -> bool:
    """Of a cohort of ``kind``? Copies of playbooks from before criteria had a kind name it among
    the metric's parameters."""
    return (criterion.cohort_kind or criterion.params.get("cohort_kind")) in (None, kind)
