"""The one place that moves a status: a transition table and a compare-and-set.

It writes nothing but the status column and the columns given with it; the calling service records
the Event.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from common.exceptions import StaleState


@dataclass(frozen=True, slots=True)
class StatusChange:
    old: str
    new: str


def change_status(
    row: Model,
    new: str,
    *,
    transitions: Mapping[Any, Collection[str]],
    field: str = "status",
    **also: Any,
) -> StatusChange:
    """Move ``row.<field>`` to ``new`` and set the columns in ``also``, or raise StaleState.

    The UPDATE names the old status, so of two people who press the button at once one gets a
    StaleState instead of a silent second move.
    """
    old = getattr(row, field)
    refuse_change(row, new, transitions=transitions, field=field)
    rows = type(row)._default_manager.filter(pk=row.pk, **{field: old})
    if not rows.update(**{field: new}, **also):
        raise StaleState(
            _("Somebody else changed this a moment ago. Reload the page and look again.")
        )
    for name, value in {field: new, **also}.items():
        setattr(row, name, value)
    return StatusChange(old=old, new=new)


def refuse_change(
    row: Model, new: str, *, transitions: Mapping[Any, Collection[str]], field: str = "status"
) -> None:
    """Raise StaleState where the table knows no way from ``row.<field>`` to ``new``."""
    old = getattr(row, field)
    if new not in transitions.get(old, ()):
        raise StaleState(
            _("This cannot go from “%(old)s” to “%(new)s”. Reload the page to see how it stands.")
            % {"old": label(row, field, old), "new": label(row, field, new)}
        )


def label(row: Model, field: str, value: str) -> str:
    """The word a person sees for a status value."""
    choices = dict(row._meta.get_field(field).flatchoices)  # type: ignore[union-attr]
    return str(choices.get(value, value))
