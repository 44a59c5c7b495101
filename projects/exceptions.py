"""What a project refuses; each sentence says what to do instead."""

from common.exceptions import Conflict, DomainError


class ScheduleError(DomainError):
    """No plan can be made from these dates and numbers."""


class PlanChanged(Conflict):
    """Somebody else saved the same thing between opening the form and sending it."""


class ManagerNeeded(DomainError):
    """A project keeps at least one manager with an account."""


class NotAllowedHere(DomainError):
    """The project's state or the thing's nature does not allow this change."""


class GateError(DomainError):
    """A gate cannot be made or decided like this."""


class GateClosed(Conflict):
    """What was asked for waits for a go; the sentence says what is missing and where to decide."""
