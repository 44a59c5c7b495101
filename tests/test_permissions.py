"""Every URL name × method × persona against tests.permissions.py."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from projects.models import Event
from tests.permissions import PERSONAS, PREFIXES, ROWS, Row

REFUSED = {403, 404, 405}


def names(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Every name of the site with its namespace; "…unnamed <pattern>" where there is none."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield ":".join((*namespaces, entry.name or f"unnamed {entry.pattern}"))
        else:
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from names(entry, inner)


def own_names() -> set[str]:
    return {name for name in names(get_resolver()) if name.partition(":")[0] not in PREFIXES}


def test_every_url_has_a_row_and_every_row_a_url():
    assert own_names() ^ set(ROWS) == set()


@pytest.fixture
def personas(admin, manager, contributor, viewer, stranger):
    people = {
        "anonymous": None,
        "stranger": stranger,
        "viewer": viewer,
        "contributor": contributor,
        "manager": manager,
        "admin": admin,
    }
    assert tuple(people) == PERSONAS
    return people


def expected(statuses: str) -> dict[str, int]:
    return dict(zip(PERSONAS, map(int, statuses.split()), strict=True))


@pytest.mark.parametrize("name", sorted(ROWS))
def test_everybody_gets_what_the_table_says(name, project, personas, as_user):
    row: Row = ROWS[name]
    address = reverse(name, kwargs=row.arguments(project))
    got: dict[str, dict[str, int]] = {"GET": {}, "POST": {}}
    for persona, user in personas.items():
        for method in ("GET", "POST"):
            with transaction.atomic():  # what one may do must not decide what the next may
                client, before = as_user(user), Event.objects.count()
                data = row.data(project) if method == "POST" else None
                response = getattr(client, method.lower())(address, data)
                if response.streaming:  # a file stays open until somebody has read it
                    b"".join(response.streaming_content)
                status = response.status_code
                if status in REFUSED or user is None:
                    assert Event.objects.count() == before
                transaction.set_rollback(True)
            got[method][persona] = status
    assert got == {"GET": expected(row.GET), "POST": expected(row.POST)}


@pytest.mark.parametrize("prefix", sorted(PREFIXES))
def test_everybody_gets_what_the_table_says_below_a_prefix(prefix, project, personas, as_user):
    got = {
        persona: as_user(user).get(f"/{prefix}/").status_code for persona, user in personas.items()
    }
    assert got == expected(PREFIXES[prefix])
