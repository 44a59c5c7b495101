"""Undoes an import: in the request where it is small, in a worker where it is large."""

from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cohorts.exceptions import UndoRefused
from cohorts.models import RosterImport
from cohorts.services.undo import Undone, refuse_where_built_upon, undo_import
from common.doorbell import ring
from common.exceptions import DomainError
from projects.models import Project
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User

AT_ONCE = 20_000  # people
TASK = "cohorts.tasks.undo_import"
LOCK = 0x756E646F  # the class of the advisory lock that the worker holds


@transaction.atomic
def ask_undo(*, project: Project, made: RosterImport, acting_user: "User") -> Undone | None:
    """Undo ``made``, or give it to a worker where it is large: then nothing is returned.

    Raises UndoRefused with what stands in the way.
    """
    if made.created + made.updated + made.left <= AT_ONCE:
        return undo_import(project=project, made=made, acting_user=acting_user)
    require_open(project)
    held = RosterImport.objects.select_for_update().filter(pk=made.pk, undo_asked_at=None).first()
    if held is None:
        raise UndoRefused(_("This import is being undone, or it was."))
    refuse_where_built_upon(held)
    held.undo_asked_at, held.undo_asked_by, held.undo_fault = now(), acting_user, ""
    held.save(update_fields=["undo_asked_at", "undo_asked_by", "undo_fault"])
    ring(TASK, held.pk)
    return None


def undo_asked(*, import_pk: int) -> None:
    """In a worker: undo what was asked for, once. A refusal stands in the row."""
    rows = RosterImport.objects.select_related("project", "undo_asked_by")
    try:
        with transaction.atomic():
            made = rows.filter(pk=import_pk, undo_asked_at__isnull=False).first()
            if made is not None and _is_ours(import_pk):
                undo_import(project=made.project, made=made, acting_user=made.undo_asked_by)
    except DomainError as error:
        rows.filter(pk=import_pk).update(undo_asked_at=None, undo_fault=str(error))


def tend_undoing() -> None:
    """Ring for what nobody has undone yet; a worker that is at it is not disturbed."""
    for pk in RosterImport.objects.exclude(undo_asked_at=None).values_list("pk", flat=True):
        ring(TASK, pk)


def _is_ours(import_pk: int) -> bool:
    with connection.cursor() as cursor:
        keys = [LOCK, import_pk & 0x7FFFFFFF]
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", keys)
        return bool(cursor.fetchone()[0])
