"""allauth's pages with our manners: 422 for an invalid form, no placeholder in place of a label."""

from http import HTTPStatus
from typing import Any

from allauth.account import views
from django.forms import BaseForm
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

# allauth's words where ours differ; its help texts carry links that our pages set themselves.
LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "oldpassword": _("Password until now"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
    "remember": _("Keep me signed in on this device"),
}


class OurManners:
    """Mixed into allauth's form pages."""

    def get_form(self, form_class: Any = None) -> BaseForm:
        form: BaseForm = super().get_form(form_class)  # type: ignore[misc]
        for name, field in form.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            if name != "password1":
                field.help_text = ""
        return form

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if response.status_code == HTTPStatus.OK:
            response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response


class LoginView(OurManners, views.LoginView):
    pass


class ReauthenticateView(OurManners, views.ReauthenticateView):
    pass


class PasswordChangeView(OurManners, views.PasswordChangeView):
    pass


class PasswordSetView(OurManners, views.PasswordSetView):
    pass


class PasswordResetView(OurManners, views.PasswordResetView):
    pass


class PasswordResetFromKeyView(OurManners, views.PasswordResetFromKeyView):
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
