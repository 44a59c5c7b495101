"""Imports people from a roster file: checked row by row, compared, written in one transaction.

Memory stays flat: rows go through in chunks, the comparison happens in the database. The same file
twice changes nothing.
"""

from typing import TYPE_CHECKING, BinaryIO

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import Placement
from cohorts.exceptions import RosterChanged
from cohorts.models import Cohort
from cohorts.roster.copying import RosterCopy
from cohorts.roster.reading import RosterReader
from cohorts.roster.report import ImportReport, Rejected, RosterRefused
from cohorts.services.capacity import refusing_full
from cohorts.services.members import open_for_joining, stamp_latecomers, upsert
from cohorts.services.staging import Figures, Staging
from common.doorbell import ring
from projects.models import Project
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def import_people(
    *,
    project: Project,
    stream: BinaryIO,
    cohort: Cohort | None,
    is_strict: bool,
    is_dry_run: bool,
    acting_user: "User | None",
    expected: str = "",
) -> ImportReport:
    """Write the good rows of ``stream`` and list the others. A dry run only counts.

    With ``cohort`` everybody in the file is in it afterwards, out of another cohort of its kind;
    that counts as updated. People who had left and are in the file are back. Columns the file does
    not have stay as they are.

    Raises RosterError for a file that cannot be read, RosterRefused for bad rows in a strict
    import, CohortError for a cohort nobody may join, and RosterChanged when ``expected`` (a
    report's digest) does not fit any more. Nothing is written then.
    """
    require_open(project)
    if cohort is not None:
        cohort = open_for_joining(cohort)
    _one_import_at_a_time(project)
    copy = RosterCopy(reader := RosterReader(stream))
    staging = Staging(project, cohort, copy.fields)
    staging.fill(copy)
    if copy.error:
        raise copy.error
    repeated = staging.drop_repeated()
    figures = staging.figures()
    report = _report(staging, figures, copy, repeated, reader.sha256, is_dry_run=is_dry_run)
    _refuse(report, is_strict=is_strict, expected=expected)
    if not is_dry_run:
        _write(staging, figures, project, cohort)
        _record(project, cohort, report, acting_user)
    return report


def _one_import_at_a_time(project: Project) -> None:
    """What is compared must still be so when it is written; a second import waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('roster', %s))", [project.pk])


def _report(
    staging: Staging,
    figures: Figures,
    copy: RosterCopy,
    repeated: list[Rejected],
    sha256: str,
    *,
    is_dry_run: bool,
) -> ImportReport:
    staying = staging.staying() if figures.stayed else []
    return ImportReport(
        rows=copy.rows,
        created=figures.created,
        updated=figures.updated,
        unchanged=figures.staged - figures.created - figures.updated,
        rejected=tuple(sorted([*copy.rejected, *repeated])),
        warnings=tuple(sorted([*copy.warnings, *staying])),
        moved=figures.moved,
        returned=figures.returned,
        stayed=figures.stayed,
        samples=staging.samples() if is_dry_run else (),
        sha256=sha256,
    )


def _refuse(report: ImportReport, *, is_strict: bool, expected: str) -> None:
    if is_strict and report.rejected:
        first = report.rejected[0]
        raise RosterRefused(
            ngettext(
                "Nothing was imported: %(n)s row is bad, line %(line)s: %(reason)s",
                "Nothing was imported: %(n)s rows are bad, the first in line %(line)s: %(reason)s",
                len(report.rejected),
            )
            % {"n": len(report.rejected), "line": first.line, "reason": first.reason},
            report,
        )
    if expected and expected != report.digest:
        raise RosterChanged(
            _("People have changed since this preview was made. Look at it once more.")
        )


def _write(staging: Staging, figures: Figures, project: Project, cohort: Cohort | None) -> None:
    if figures.created:
        staging.insert()
    if figures.changed:
        with refusing_full():
            staging.update()
    if cohort is not None:
        upsert(cohort, *staging.chosen(), placed_by=Placement.FILE)
    if figures.returned:
        stamp_latecomers(project)


def _record(
    project: Project, cohort: Cohort | None, report: ImportReport, acting_user: "User | None"
) -> None:
    figures = {
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": len(report.rejected),
    }
    events.record(
        project=project,
        verb="people.imported",
        sentence=_(
            "People imported: %(created)s new, %(updated)s changed, %(unchanged)s as before,"
            " %(rejected)s rejected."
        )
        % figures,
        acting_user=acting_user,
        subject=cohort,
        data={**figures, "moved": report.moved, "sha256": report.sha256},
    )
    ring("projects.tasks.measure_project_goals", project.pk)
