"""Messages, their occurrences and deliveries, as if somebody had planned them for June 2038."""

from datetime import UTC, datetime, time

import factory

from communications.models import (
    Delivery,
    Message,
    MessageVariant,
    Occurrence,
    Suppression,
    TeamsChannel,
)
from tests.factories.cohorts import CohortFactory, ParticipantFactory
from tests.factories.projects import ProjectFactory


class MessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Message

    project = factory.SubFactory(ProjectFactory)
    key = factory.Sequence(lambda n: f"M{n}")
    position = factory.Sequence(lambda n: n % 1000)
    title = factory.Sequence(lambda n: f"Message {n}")
    subject = "Your move on {switch_date}"
    body = "Hello {person_name},\n\nyou move with **{cohort_name}** at {switch_time}."
    audience_kind = "cohort"
    cohort_kind = "wave"
    anchor = "cohort_switch"
    offset_days = -7
    wall_time = time(9, 0)


class VariantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MessageVariant

    message = factory.SubFactory(MessageFactory)
    language = "de"
    subject = "Ihr Umzug am {switch_date}"
    body = "Guten Tag {person_name},\n\nSie wechseln mit **{cohort_name}** um {switch_time}."


class OccurrenceFactory(factory.django.DjangoModelFactory):
    """Of a message for one cohort of its project; ``cohort=None`` for the whole project."""

    class Meta:
        model = Occurrence

    message = factory.SubFactory(MessageFactory)
    project = factory.SelfAttribute("message.project")
    cohort = factory.SubFactory(CohortFactory, project=factory.SelfAttribute("..message.project"))
    anchor_key = factory.LazyAttribute(lambda o: f"cohort:{o.cohort.pk}" if o.cohort else "project")
    timezone = "Europe/Berlin"
    wall_at = datetime(2038, 5, 25, 9, tzinfo=UTC)
    due_at = datetime(2038, 5, 25, 7, tzinfo=UTC)
    not_after = datetime(2038, 5, 28, 7, tzinfo=UTC)


class DeliveryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Delivery

    occurrence = factory.SubFactory(OccurrenceFactory)
    participant = factory.SubFactory(
        ParticipantFactory, project=factory.SelfAttribute("..occurrence.project")
    )
    recipient_key = factory.LazyAttribute(lambda d: f"p:{d.participant.pk}")


class SuppressionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Suppression

    address_key = factory.Sequence(lambda n: f"gone{n}@example.org")
    reason = "bounced twice"


class TeamsChannelFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TeamsChannel

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Channel {n}")
    url = "https://prod-01.westeurope.logic.azure.com/workflows/a1/invoke?sig=kGyxTe1lN0b0dy"
