"""A row is to one person, one stakeholder, one user or one channel, or to nobody any more."""

from itertools import combinations

import pytest
from django.db import IntegrityError, transaction

from communications.models import Delivery
from tests.factories.communications import DeliveryFactory, TeamsChannelFactory
from tests.factories.people import UserFactory
from tests.factories.projects import StakeholderFactory

pytestmark = pytest.mark.django_db


def test_a_row_is_to_one_at_most() -> None:
    row = DeliveryFactory()
    project = row.occurrence.project
    recipients = {
        "participant": row.participant_id,
        "stakeholder": StakeholderFactory(project=project).pk,
        "user": UserFactory().pk,
        "channel": TeamsChannelFactory(project=project).pk,
    }
    nobody = dict.fromkeys(recipients)
    mine = Delivery.objects.filter(pk=row.pk)
    for one in recipients:
        mine.update(**{**nobody, one: recipients[one]})
    mine.update(**nobody)
    for first, second in combinations(recipients, 2):
        with pytest.raises(IntegrityError, match="delivery_to_one_at_most"), transaction.atomic():
            mine.update(**{**nobody, first: recipients[first], second: recipients[second]})
