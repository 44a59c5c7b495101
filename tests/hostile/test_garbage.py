"""Garbage in every parameter, field and part of an address: refused in good order, never a 500.

Which parameters and fields a page knows is not written down here: a page that looks one up in the
query or in the form is caught doing so. Every request is rolled back, so each meets the same rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.http import QueryDict
from django.urls import resolve, reverse

from projects.models import Project
from tests.hostile.attacker import Attacker
from tests.hostile.garbage import BROKEN, NUMBERS, TEXTS, fitting, urlencoded
from tests.hostile.valid import body_of, query_of
from tests.permissions import ROWS

pytestmark = pytest.mark.usefixtures("quiet")
# Signed in, these only lead home.
FOR_ANONYMOUS = {"account_login"}
# A wrong password, no file; a bare project has no playbook to plan a cohort by; no such host.
NEVER_TAKEN = {"account_login", "cohorts:people_import", "cohorts:modes_verify"}
NEVER_TAKEN |= {"rollout:wave_add", "rollout:wave_split", "communications:channel_test"}
LOGIN = {"login": b"nobody@example.org", "password": b"p", "remember": b"on"}


@contextmanager
def names_asked() -> Iterator[set[str]]:
    """Every name that is looked up in a query or a form meanwhile."""
    asked: set[str] = set()
    # All three are inherited, so that taking ours away brings them back.
    originals = {name: getattr(QueryDict, name) for name in ("__getitem__", "getlist")}

    def watched(original: Any) -> Any:
        def look_up(self: QueryDict, key: str, *rest: Any, **more: Any) -> Any:
            asked.add(key)
            return original(self, key, *rest, **more)

        return look_up

    for name, original in originals.items():
        setattr(QueryDict, name, watched(original))
    QueryDict.__contains__ = lambda self, key: asked.add(key) or dict.__contains__(self, key)  # type: ignore[method-assign, func-returns-value]
    try:
        yield asked
    finally:
        for name in (*originals, "__contains__"):
            delattr(QueryDict, name)


@pytest.fixture
def attacker(name: str, project: Project, manager: Any, as_user: Any, stranger: Any) -> Attacker:
    address = reverse(name, kwargs=ROWS[name].arguments(project))
    return Attacker(as_user(None if name in FOR_ANONYMOUS else manager), address)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_garbage_is_refused(name: str, attacker: Attacker, project: Project) -> None:
    in_the_query(name, attacker)
    in_the_form(name, attacker, project)
    in_the_address(attacker)
    assert attacker.faults == []


def in_the_query(name: str, attacker: Attacker) -> None:
    query = query_of(name)
    with names_asked() as asked:
        attacker.send("nothing", "GET", query=urlencoded(query))
    for parameter in sorted(asked):
        for what, value in fitting(query.get(parameter)).items():
            broken = urlencoded({**query, parameter: value})
            attacker.send(f"{parameter}={what}", "GET", query=broken)
    for what, value in BROKEN.items():
        attacker.send(f"unknown={what}", "GET", query=urlencoded({**query, "unknown": value}))
        attacker.send(f"{what}=", "GET", query=quote_from_bytes(value))


def in_the_form(name: str, attacker: Attacker, project: Project) -> None:
    body = LOGIN if name in FOR_ANONYMOUS else body_of(name, project)
    attacker.look_at_rows()
    with names_asked() as asked:
        taken = attacker.post("valid", body)
    assert taken != 422 or name in NEVER_TAKEN
    if taken in (404, 405):
        return
    # A form that the query fills as well was tried there.
    for field in sorted((asked | set(body)) - set(query_of(name))):
        for what, value in fitting(body.get(field)).items():
            attacker.post(f"{field}={what}", {**body, field: value})
        attacker.post_parts(f"{field}=nul in parts", {**body, field: BROKEN["nul"]})
        attacker.post(f"no {field}", {key: body[key] for key in body if key != field})
    for what, value in BROKEN.items():
        attacker.post(f"unknown={what}", {**body, "unknown": value})
        attacker.post_parts(f"{what} in parts", dict.fromkeys(body, value))


def in_the_address(attacker: Attacker) -> None:
    for part in map(str, resolve(attacker.address).kwargs.values()):
        for what, value in {**TEXTS, **NUMBERS}.items():
            broken = quote_from_bytes(value, safe="")
            address = attacker.address.replace(f"/{part}", f"/{broken}", 1)
            for method in ("GET", "POST"):
                attacker.send(f"{part} is {what}", method, address=address)
