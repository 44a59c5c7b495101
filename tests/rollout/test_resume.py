"""A paused project goes on: its page says whom mail leaves for, and the number must still be it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from communications.enums import OccurrenceState
from communications.services.approval import approve_occurrence
from projects.enums import ProjectStatus
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import DeliveryFactory, MessageFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def paused(project: Project, manager) -> Project:
    """One mail waits in the queue, one sending was due yesterday, and others wait for nothing."""
    cohort = CohortFactory(project=project)
    MembershipFactory(cohort=cohort, participant__display_name="Ada Arndt")
    begun = OccurrenceFactory(
        message__project=project, cohort=cohort, state=OccurrenceState.SENDING
    )
    DeliveryFactory(occurrence=begun, participant__display_name="Willi Waits")
    due, late = now() - timedelta(hours=1), now() + timedelta(days=1)
    for changes in (
        {"due_at": due, "not_after": late},
        {"due_at": due, "not_after": due},
        {"due_at": late, "not_after": late},
        {"due_at": due, "not_after": late, "message__status": "paused"},
    ):
        status = changes.pop("message__status", "active")
        message = MessageFactory(project=project)
        row = OccurrenceFactory(message=message, cohort=cohort, **changes)
        approve_occurrence(occurrence=row, acting_user=manager, at=due - timedelta(days=2))
        type(row).objects.filter(pk=row.pk).update(**changes)
        type(message).objects.filter(pk=message.pk).update(status=status)
    Project.objects.filter(pk=project.pk).update(status=ProjectStatus.PAUSED)
    return project


def status(project: Project) -> str:
    return Project.objects.get(pk=project.pk).status


def test_going_on_says_to_whom_and_asks_for_the_number(as_user, manager, paused: Project) -> None:
    client: Client = as_user(manager)
    address = reverse("rollout:project_resume", args=[paused.slug])
    shown = client.get(address).content.decode()
    assert "2 people wait for mail and get it at once, among them Willi Waits, Ada Arndt." in shown
    assert "Go on and send to 2 people" in shown
    assert client.post(address).status_code == 422
    assert client.post(address, {"people": 3}).status_code == 409
    assert status(paused) == ProjectStatus.PAUSED
    assert client.post(address, {"people": 2}).status_code == 302
    assert status(paused) == ProjectStatus.ACTIVE
    assert client.post(address, {"people": 2}).status_code == 409


def test_the_settings_cannot_let_it_go_on_by_themselves(as_user, manager, paused: Project) -> None:
    client: Client = as_user(manager)
    settings = client.get(reverse("projects:settings", args=[paused.slug])).content.decode()
    assert reverse("rollout:project_resume", args=[paused.slug]) in settings
    done = client.post(reverse("projects:project_status", args=[paused.slug]), {"status": "active"})
    assert (done.status_code, status(paused)) == (409, ProjectStatus.PAUSED)
