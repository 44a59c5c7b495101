"""Looks after the figures that triggers keep: folds many rows into few, counts anew, compares."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Sum

from cohorts.models import CohortCount, HourCount, PairCount, SeenCount

KEYS: dict[type[models.Model], tuple[str, ...]] = {
    CohortCount: ("project_id", "cohort_id"),
    PairCount: ("project_id", "pilot_id", "wave_id"),
    HourCount: ("project_id", "cohort_id", "hour"),
    SeenCount: ("project_id", "cohort_id", "observed_mode", "mode_state", "is_seen"),
}
Figures = Mapping[tuple[Any, ...], int]


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that was not what the people say: ``kept`` by triggers, ``counted`` anew."""

    place: str
    figure: str
    kept: int
    counted: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def fold_counts() -> None:
    """Make one row of the many of each figure. Waits for nobody and changes no sum."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cohorts_fold_counts(NULL), cohorts_fold_seen(NULL)")


def recount(*, is_check: bool = False) -> tuple[Difference, ...]:
    """Count all people anew and say which figures were wrong; ``is_check`` leaves them so.

    Changes of people wait meanwhile: some seconds for a million.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The lock of the function, before the figures are read: nobody writes in between.
            cursor.execute(
                "LOCK TABLE cohorts_participant, cohorts_membership IN SHARE ROW EXCLUSIVE MODE"
            )
            kept = _figures()
            cursor.execute("SELECT cohorts_recount(), cohorts_recount_seen()")
        counted = _figures()
        if is_check:
            transaction.set_rollback(True)
    return tuple(
        Difference(_place(key), key[-1], kept.get(key, 0), counted.get(key, 0))
        for key in sorted({*kept, *counted}, key=str)
        if kept.get(key, 0) != counted.get(key, 0)
    )


def _figures() -> Figures:
    found: dict[tuple[Any, ...], int] = {}
    for model, keys in KEYS.items():
        known = {"id", *keys}
        names = [one.attname for one in model._meta.concrete_fields if one.attname not in known]
        totals = model._default_manager.order_by().values_list(*keys)
        for row in totals.annotate(*(Sum(name) for name in names)):
            place = tuple(zip(keys, row[: len(keys)], strict=True))
            for name, number in zip(names, row[len(keys) :], strict=True):
                if number:
                    found[(*place, name)] = number
    return found


def _place(key: tuple[Any, ...]) -> str:
    return ", ".join(
        f"{name.removesuffix('_id')} {value}" for name, value in key[:-1] if value is not None
    )
