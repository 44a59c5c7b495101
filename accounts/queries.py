"""Reads of the accounts room."""

from accounts.models import User


def has_administrator() -> bool:
    """Whether somebody can sign in who administers the site."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()
