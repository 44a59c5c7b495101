"""Go/no-go: what should hold, who ticks it, what was decided."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_own_account
from common.exceptions import DomainError
from common.http import show_refusal
from projects import access
from projects.forms import ConfirmForm, GateDecisionForm
from projects.models import Gate
from projects.queries.gates import decisions_of, gate_rows, gate_standing
from projects.services.deciding import confirm_criterion, decide_gate, unconfirm_criterion
from projects.views.saving import save


@login_required
@require_GET
def gate_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = access.get_project(request.user, slug)
    context = {"project": project, "rows": gate_rows(project, now())}
    return render(request, "projects/gate_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def gate_detail(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """One gate with its figures of now; managers decide here."""
    if request.method == "GET":
        gate = access.get_gate(access.get_project(request.user, slug), key)
        return _page(request, gate)
    gate = access.get_gate(access.get_managed_project(request.user, slug), key)
    form = GateDecisionForm(request.POST)
    status = save(request, form, decide_gate, gate=gate, at=now())
    if status != 200:
        return _page(request, gate, form, status)
    messages.success(request, _("Decision saved."))
    return redirect("projects:gate_detail", slug, key)


@login_required
@require_POST
def gate_confirm(request: HttpRequest, slug: str, key: str, pk: int) -> HttpResponse:
    """Tick what has no figure, or take the tick back."""
    gate = access.get_gate(access.get_editable_project(request.user, slug), key)
    criterion = access.get_criterion(gate, pk)
    form = ConfirmForm(request.POST)
    form.is_valid()
    user = get_own_account(request.user)
    try:
        if form.cleaned_data["holds"]:
            confirm_criterion(criterion=criterion, acting_user=user, at=now())
        else:
            unconfirm_criterion(criterion=criterion, acting_user=user)
    except DomainError as error:
        return _page(request, gate, status=show_refusal(request, error))
    return redirect("projects:gate_detail", slug, key)


def _page(
    request: HttpRequest, gate: Gate, form: GateDecisionForm | None = None, status: int = 200
) -> HttpResponse:
    standing = gate_standing(gate, now())
    if form is None or status == 409:
        # After a conflict the next attempt is compared with the figures that are shown now.
        data = form.data.copy() if form else None
        if data is not None:
            data["seen"] = standing.digest
        form = GateDecisionForm(data, initial={"seen": standing.digest})
    context = {
        "project": gate.project,
        "gate": gate,
        "standing": standing,
        "decisions": decisions_of(gate),
        "form": form if gate.project.is_managed else None,
    }
    return render(request, "projects/gate_detail.html", context, status=status)
