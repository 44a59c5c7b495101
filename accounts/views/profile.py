"""One's own profile, and the link that makes the first administrator."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.forms import FirstAdministratorForm, ProfileForm
from accounts.services.users import make_first_administrator, update_profile
from common.exceptions import DomainError
from common.http import show_refusal

BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = access.get_own_account(request.user)
    if request.method == "POST":
        form = ProfileForm(request.POST)
        if form.is_valid():
            update_profile(user=user, acting_user=user, **form.cleaned_data)
            messages.success(request, _("Profile saved."))
            return redirect("accounts:profile")
    else:
        form = ProfileForm(initial={"name": user.name, "timezone": user.timezone})
    status = 422 if form.errors else 200
    return render(request, "accounts/profile.html", {"form": form}, status=status)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def first_admin(request: HttpRequest, token: str) -> HttpResponse:
    """Opens only while the site has no administrator; signs the new one in."""
    access.require_first_admin_link(token)
    form = FirstAdministratorForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = make_first_administrator(**form.cleaned_data)
            except DomainError as error:
                status = show_refusal(request, error)
            else:
                login(request, user, backend=BACKEND)
                messages.success(request, _("Welcome. You are this site's administrator."))
                return redirect("/")
    return render(request, "accounts/first_admin.html", {"form": form}, status=status)
