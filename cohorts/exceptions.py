"""What cohorts and rosters refuse; each sentence says what to do instead."""

from common.exceptions import Conflict, DomainError


class CohortError(DomainError):
    """The cohort cannot be made or changed like this."""


class ModeError(DomainError):
    """Modes cannot be changed or verified like this."""


class RosterError(DomainError):
    """The file as a whole cannot be read. The sentence names the line where there is one."""


class RosterChanged(Conflict):
    """The people changed between the preview of an import and its confirmation."""
