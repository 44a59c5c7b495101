"""Kept figures of invitations equal the invitations, whatever statements changed them."""

import random
from datetime import UTC, datetime

import pytest
from django.db.models import Count, Sum

from surveys.models import Invitation, Survey, SurveyCount
from surveys.queries.numbers import answered_by_cohort, surveys_with_counts
from tests.factories.cohorts import MembershipFactory
from tests.factories.surveys import SurveyFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 6, 1, tzinfo=UTC)


def kept() -> dict[int, tuple[int, int]]:
    rows = SurveyCount.objects.values_list("survey").annotate(Sum("invited"), Sum("answered"))
    return {survey: (n, done) for survey, n, done in rows if n or done}


def counted() -> dict[int, tuple[int, int]]:
    rows = Invitation.objects.order_by().values_list("survey")
    found = rows.annotate(n=Count("pk"), done=Count("answered_at"))
    return {survey: (n, done) for survey, n, done in found}


@pytest.mark.parametrize("seed", range(3))
def test_figures_equal_invitations_after_random_statements(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    surveys = SurveyFactory.create_batch(3)
    people = [
        MembershipFactory(cohort=survey.cohort).participant for survey in surveys for _n in range(9)
    ]
    for _n in range(60):
        ids = list(Invitation.objects.values_list("pk", flat=True))
        some = Invitation.objects.filter(pk__in=chance.sample(ids, min(len(ids), 7)))
        deed = chance.randrange(5)
        if deed < 2:
            Invitation.objects.bulk_create(
                (
                    Invitation(survey=chance.choice(surveys), participant=person)
                    for person in chance.sample(people, 8)
                ),
                ignore_conflicts=True,
            )
        elif deed == 2:
            some.update(answered_at=chance.choice([None, AT]))
        elif deed == 3:
            some.update(started_at=AT)
        else:
            some.delete()
        assert kept() == counted()


def test_figures_go_with_their_survey() -> None:
    survey = SurveyFactory()
    person = MembershipFactory(cohort=survey.cohort).participant
    Invitation.objects.create(survey=survey, participant=person, answered_at=AT)
    (row,) = surveys_with_counts(survey.project)
    assert (row.invited, row.answered, row.to_ask) == (1, 1, 1)
    assert answered_by_cohort(survey.project)[survey.cohort_id].answered == 1
    Survey.objects.all().delete()
    assert SurveyCount.objects.count() == 0
