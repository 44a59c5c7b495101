"""The one pattern of our writing views: bind, call one service, say what came of it."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpRequest

from accounts.access import get_own_account
from common.exceptions import DomainError
from common.http import show_refusal
from projects.fingerprint import fingerprint
from projects.forms import SeenForm


def save(request: HttpRequest, form: forms.Form, service: Callable[..., Any], **given: Any) -> int:
    """Call ``service`` with what the form says and what is ``given``.

    Returns 200 when it is done; otherwise the status for the page that asks again: 422 for an
    invalid form, the refusal's own status (its sentence is among the messages) else.
    """
    if not form.is_valid():
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        service(**given, **form.cleaned_data, acting_user=get_own_account(request.user))
    except DomainError as error:
        return show_refusal(request, error)
    return HTTPStatus.OK


def compare_after(status: int, form: SeenForm, row: Any, fields: Sequence[str]) -> None:
    """After a conflict, and only then: show what is saved now and compare with that next time.

    An invalid form keeps comparing with what its reader saw first, or it would pass over what was
    saved in between.
    """
    if status == HTTPStatus.CONFLICT:
        form.compare(row, fingerprint(row, fields))
