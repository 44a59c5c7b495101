"""What every writer of a project asks first: is it open, and is this still what the user saw?"""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from projects.enums import ProjectStatus
from projects.exceptions import NotAllowedHere, PlanChanged
from projects.fingerprint import fingerprint
from projects.models import Project

Row = TypeVar("Row", bound=Model)


def require_open(project: Project) -> None:
    """A closed project is a record; its plan does not change any more."""
    if project.status == ProjectStatus.CLOSED:
        raise NotAllowedHere(
            _("This project is closed. Open it again in its settings to change something.")
        )


def lock_row(row: Row, *, seen: str = "", fields: Sequence[str] = ()) -> Row:
    """The row as it is now, locked until the end of the transaction.

    ``seen`` is the fingerprint of ``fields`` as the form showed them. Raises PlanChanged when they
    differ now, so that of two people with the same form open nobody overwrites the other unseen.
    """
    locked = type(row)._default_manager.select_for_update().get(pk=row.pk)
    refuse_changed(locked, seen=seen, fields=fields)
    return locked


def refuse_changed(row: Model, *, seen: str, fields: Sequence[str]) -> None:
    """PlanChanged where ``row`` as it is now is not what was ``seen``; empty compares nothing."""
    if seen and seen != fingerprint(row, fields):
        raise PlanChanged(
            _(
                "Somebody else saved this while you were typing. What is saved now stands beside"
                " your text; save again to replace it."
            )
        )
