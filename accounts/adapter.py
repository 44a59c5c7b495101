"""How allauth behaves here: nobody makes an account without an administrator or an invitation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import mailing


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right. Try again."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def reauthenticate(self, user: Any, password: str) -> bool:
        """By the account's address; allauth would look in a table of addresses we do not fill."""
        found = self.authenticate(current.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the allow list, like every mail; a silent mail server is no error page."""
        request = context.get("request")
        full = {"email": email, "current_site": get_current_site(request), **context}
        message = self.render_mail(template_prefix, email, full)
        mailing.send(message, purpose=template_prefix.rpartition("/")[2])
