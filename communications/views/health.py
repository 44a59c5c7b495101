"""How mail is doing, its limits, and the addresses that get none: for administrators."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.exceptions import DomainError
from communications.access import require_site_admin
from communications.forms.sender import SenderForm
from communications.forms.suppressions import ReleaseForm, SuppressForm, SuppressionFilter
from communications.queries.health import mail_account, mail_health, suppression_page
from communications.services.limits import set_limits
from communications.services.pipeline import switch
from communications.services.suppressions import release, suppress

FILTERS = ("words", "kind")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail_health_page(request: HttpRequest) -> HttpResponse:
    """The POST adds an address to the list."""
    require_site_admin(request.user)
    form, status = SuppressForm(request.POST or None), HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                suppress(**form.cleaned_data, acting_user=request.user)
            except DomainError as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                messages.success(request, _("No mail goes to that address any more."))
                return redirect("mail:health")
    return _page(request, form, status)


def _page(
    request: HttpRequest, form: SuppressForm, status: int, limits: SenderForm | None = None
) -> HttpResponse:
    at, wanted = now(), SuppressionFilter(request.GET)
    is_valid = wanted.is_valid()
    if not is_valid:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    page = suppression_page(at, **wanted.cleaned_data) if is_valid else None
    account = mail_account(at)
    kept = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    after = page.after if page else None
    context = {
        "health": mail_health(at),
        "is_on": switch.is_on(),
        "filter": wanted,
        "is_filtered": bool(kept),
        "rows": page.rows if page else (),
        "next_url": f"?{urlencode({**kept, 'after': after})}" if after else "",
        "form": form,
        "sender": account.row,
        "used": account.used,
        "limits": limits or SenderForm(initial=SenderForm.initial_of(account.row)),
    }
    return render(request, "communications/mail_health.html", context, status=status)


@login_required
@require_POST
def mail_release(request: HttpRequest) -> HttpResponse:
    require_site_admin(request.user)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say which address. Press its button once more."))
        return _page(request, SuppressForm(), HTTPStatus.UNPROCESSABLE_ENTITY)
    if release(address=form.text(), acting_user=request.user) is None:
        messages.info(request, _("That address got mail already."))
    else:
        messages.success(request, _("That address gets mail again."))
    return redirect("mail:health")


@login_required
@require_POST
def mail_limits(request: HttpRequest) -> HttpResponse:
    require_site_admin(request.user)
    form = SenderForm(request.POST)
    if not form.is_valid():
        return _page(request, SuppressForm(), HTTPStatus.UNPROCESSABLE_ENTITY, form)
    set_limits(**form.cleaned_data, acting_user=request.user)
    messages.success(request, _("The limits are set."))
    return redirect("mail:health")
