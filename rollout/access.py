"""Who may make a project: everybody who has an account. What is made belongs to its maker."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from accounts.models import User


def require_project_maker(user: User | AnonymousUser) -> User:
    """The signed-in, active user; raises PermissionDenied for anybody else."""
    if not isinstance(user, User) or not user.is_active:
        raise PermissionDenied
    return user
