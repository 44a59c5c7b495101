"""allauth's pages, with our answer to an invalid form: 422 like everywhere else."""

from http import HTTPStatus
from typing import Any

from allauth.account import views
from django.http import HttpResponse


class Answers422:
    """Mixed into a FormView."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if response.status_code == HTTPStatus.OK:
            response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response


class LoginView(Answers422, views.LoginView):
    pass


class ReauthenticateView(Answers422, views.ReauthenticateView):
    pass


class PasswordChangeView(Answers422, views.PasswordChangeView):
    pass


class PasswordSetView(Answers422, views.PasswordSetView):
    pass


class PasswordResetView(Answers422, views.PasswordResetView):
    pass


class PasswordResetFromKeyView(Answers422, views.PasswordResetFromKeyView):
    pass


login = LoginView.as_view()
logout = views.logout
inactive = views.account_inactive
reauthenticate = ReauthenticateView.as_view()
password_change = PasswordChangeView.as_view()
password_set = PasswordSetView.as_view()
password_reset = PasswordResetView.as_view()
password_reset_done = views.password_reset_done
password_reset_from_key = PasswordResetFromKeyView.as_view()
password_reset_from_key_done = views.password_reset_from_key_done
