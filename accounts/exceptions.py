"""What accounts refuse."""

from common.exceptions import Conflict, DomainError


class AccountRefused(DomainError):
    """No account can be made from this."""


class AdministratorExists(Conflict):
    """The first administrator has been made; further ones come from the admin pages."""
