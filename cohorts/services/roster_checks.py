"""What an import refuses after it has compared the file with the people, and before it writes."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.exceptions import RosterChanged, TooManyLeavers
from cohorts.models import Cohort
from cohorts.roster.report import ImportReport, RosterRefused
from cohorts.services.staging import JOINING, KNOWN, LEAVING

if TYPE_CHECKING:
    from cohorts.services.staging import Figures, Staging


def refuse(report: ImportReport, *, is_strict: bool, expected: str) -> None:
    """Raise RosterRefused for bad rows in a strict import, RosterChanged for another outcome."""
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


def refuse_leavers(report: ImportReport, agreed: int | None) -> None:
    """A file that is not whole after all would let most of an organisation go."""
    if report.asks_for_leavers and agreed != report.left:
        raise TooManyLeavers(
            ngettext(
                "%(n)s of %(active)s people is not in this file and would leave. If that is right,"
                " say so by giving their number.",
                "%(n)s of %(active)s people are not in this file and would leave. If that is"
                " right, say so by giving their number.",
                report.left or 0,
            )
            % {"n": report.left, "active": report.active}
        )


def places_lacking(staging: "Staging", figures: "Figures", cohort: Cohort | None) -> int:
    """By how many people the cohort would be too small; the database has the last word."""
    if cohort is None or cohort.capacity is None or not figures.joining:
        return 0
    leaving = f"AND p.id NOT IN (SELECT p.id {LEAVING})" if staging.is_whole else ""
    (people,) = staging.row(
        f"""
        SELECT (SELECT count(*) {KNOWN} WHERE {JOINING})
            + (SELECT count(*) FROM cohorts_membership m
               JOIN cohorts_participant p ON p.id = m.participant_id
               WHERE m.cohort_id = %(cohort)s AND p.status = 'active' {leaving})
            + (SELECT count(*) {KNOWN} WHERE m.cohort_id = %(cohort)s AND p.status = 'left')
        """  # noqa: S608 - our own constants
    )
    return max(0, int(people) - cohort.capacity)
