"""Who may see the accounts' own pages: a person their profile, the first administrator the link."""

from typing import TYPE_CHECKING

from django.http import Http404

from accounts.models import User
from accounts.queries import has_administrator
from accounts.tokens import is_first_admin_token

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def get_own_account(user: "User | AnonymousUser") -> User:
    """The signed-in user's own row; 404 for anybody else (views ask for a sign-in first)."""
    if not isinstance(user, User):
        raise Http404
    return user


def require_first_admin_link(token: str) -> None:
    """404 for a wrong or old token, and for every token once there is an administrator."""
    if not is_first_admin_token(token) or has_administrator():
        raise Http404
