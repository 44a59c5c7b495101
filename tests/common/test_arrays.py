"""Lists as one parameter come back as they were."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import F
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from common.arrays import IsAnyOf, array
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
# All that a text of PostgreSQL can hold.
TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"))


def read_back(values: list[object], kind: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [array(values)])
        [(found,)] = cursor.fetchall()
    return found


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.none() | TEXTS, max_size=6))
@example(values=[])
@example(values=["NULL", None, "", " ", "null", "{}", "a,b"])
@example(values=['"', "\\", '\\"', "'", "''; --", "%s", "a\nb\r\tc"])
def test_texts_come_back_as_they_were(values: list[object]) -> None:
    assert read_back(values, "text") == values


def test_numbers_and_instants_come_back_as_they_were() -> None:
    at = datetime(2038, 6, 1, 7, 30, 0, 5, tzinfo=UTC)
    assert read_back([1, None, -(2**62)], "bigint") == [1, None, -(2**62)]
    assert read_back([at, None], "timestamptz") == [at, None]


def test_whoever_is_listed_is_found() -> None:
    first, _second, third = (UserFactory() for _ in range(3))
    listed = User.objects.filter(IsAnyOf(F("pk"), {first.pk, third.pk, 0}))
    assert set(listed) == {first, third}
    assert not User.objects.filter(IsAnyOf(F("pk"), [])).exists()
