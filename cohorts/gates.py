"""The name of a cohort's go/no-go among the gates of its project. Pure."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cohorts.models import Cohort


def gate_key(cohort: "Cohort | int") -> str:
    """``cohort`` or its id -> "cohort:7"."""
    return f"cohort:{cohort if isinstance(cohort, int) else cohort.pk}"
