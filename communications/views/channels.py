"""The Teams channels of a project. For its managers, who add, try out and remove them."""

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.exceptions import DomainError
from common.http import show_refusal
from communications.access import get_managed_channel, get_managed_project
from communications.forms.teams import ChannelForm
from communications.models import TeamsChannel
from communications.queries.channels import channels_of
from communications.services.teams_channels import (
    add_channel,
    edit_channel,
    post_test_card,
    remove_channel,
)
from projects.models import Project

NAV = "communications:message_list"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channel_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_managed_project(request.user, slug)
    form = ChannelForm(_posted(request), is_new=True)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                add_channel(project=project, **form.cleaned_data, acting_user=request.user)
            except DomainError as error:
                form.add_error(None, str(error))
                status = HTTPStatus(error.status)
            else:
                messages.success(request, _("Added. Post a test card, then look into the channel."))
                return redirect("communications:channel_list", slug)
    return _page(request, project, form, status)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _page(request: HttpRequest, project: Project, form: ChannelForm, status: int) -> HttpResponse:
    context = {"project": project, "form": form, "channels": channels_of(project), "nav": NAV}
    return render(request, "communications/channel_list.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channel_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    channel = get_managed_channel(request.user, slug, pk)
    form = ChannelForm(_posted(request), is_new=False, initial={"name": channel.name})
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                edit_channel(channel=channel, **form.cleaned_data, acting_user=request.user)
            except DomainError as error:
                form.add_error(None, str(error))
                status = HTTPStatus(error.status)
            else:
                messages.success(request, _("Saved."))
                return redirect("communications:channel_list", slug)
    channel = get_managed_channel(request.user, slug, pk)
    context = {"project": channel.project, "channel": channel, "form": form, "nav": NAV}
    return render(request, "communications/channel_edit.html", context, status=status)


@login_required
@require_POST
def channel_test(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _act(
        request,
        get_managed_channel(request.user, slug, pk),
        lambda channel: post_test_card(channel=channel, acting_user=request.user),
        _("A test card was posted. Look into the channel."),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channel_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    channel = get_managed_channel(request.user, slug, pk)
    if request.method != "POST":
        context = {"project": channel.project, "channel": channel, "nav": NAV}
        return render(request, "communications/channel_remove.html", context)
    return _act(
        request,
        channel,
        lambda one: remove_channel(channel=one, acting_user=request.user),
        _("Removed. Nothing is posted there any more."),
    )


def _act(
    request: HttpRequest, channel: TeamsChannel, act: Callable[[TeamsChannel], object], done: str
) -> HttpResponse:
    """Do it and come back to the list, or show the list with why not."""
    project = channel.project
    try:
        act(channel)
    except DomainError as error:
        status = show_refusal(request, error)
        return _page(request, project, ChannelForm(is_new=True), status)
    messages.success(request, done)
    return redirect("communications:channel_list", project.slug)
