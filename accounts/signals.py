"""The accounts' own log of signing in: who, when, from where, and which attempts failed.

Signals of Django's own sign-in, heard only here; nothing else in the code base uses signals.
"""

from ipaddress import ip_address
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from accounts.models import SignIn, User
from common.http import client_address


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")
    user_login_failed.connect(_failed, dispatch_uid="accounts.failed")


def _signed_in(*, user: User, request: HttpRequest | None = None, **rest: Any) -> None:
    SignIn.objects.create(user=user, is_success=True, address=_address(request))


def _failed(
    *, credentials: dict[str, Any], request: HttpRequest | None = None, **rest: Any
) -> None:
    """Of an unknown address only the attempt is kept, not the address."""
    email = str(credentials.get("email") or credentials.get("username") or "")
    user = User.objects.filter(email__iexact=email).first() if email else None
    SignIn.objects.create(user=user, is_success=False, address=_address(request))


def _address(request: HttpRequest | None) -> str | None:
    text = client_address(request) if request is not None else ""
    try:
        return str(ip_address(text))
    except ValueError:  # a Unix socket or a test client has none
        return None
