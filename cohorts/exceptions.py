"""What cohorts and rosters refuse; each sentence says what to do instead."""

from http import HTTPStatus

from django.utils.translation import gettext as _

from common.exceptions import Conflict, DomainError


class CohortError(DomainError):
    """The cohort cannot be made or changed like this."""


class CohortFull(CohortError):
    """More people than places; ``people`` is how many active ones the cohort would have."""

    status = HTTPStatus.CONFLICT

    def __init__(self, name: str, *, places: int, people: int) -> None:
        self.places, self.people = places, people
        super().__init__(
            _(
                "“%(name)s” has %(places)s places and would have %(people)s people, %(over)s too"
                " many. Raise its places or choose fewer people."
            )
            % {"name": name, "places": places, "people": people, "over": people - places}
        )


class ModeError(DomainError):
    """Modes cannot be changed or verified like this."""


class DeferralError(DomainError):
    """The date of this person cannot be put off or chosen like this."""


class ProblemError(DomainError):
    """The problem cannot be taken down like this."""


class RosterError(DomainError):
    """The file as a whole cannot be read. The sentence names the line where there is one."""


class RosterChanged(Conflict):
    """The people changed between the preview of an import and its confirmation."""


class TooManyLeavers(DomainError):
    """A file without many of the people would let them go; somebody must give their number."""


class UndoRefused(Conflict):
    """The last import cannot be undone, because something has been built on it since."""


class UploadCancelled(DomainError):
    """Somebody stopped the reading or the import of a file; nothing was written."""
