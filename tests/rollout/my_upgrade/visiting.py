"""How tests open somebody's own page and use its forms."""

import re
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from cohorts.models import Participant
from common import links

AT = datetime(2038, 5, 10, 9, tzinfo=UTC)
HOME = "/my-upgrade/"
PAGES = ("", "date/", "later/", "later/withdraw/", "problem/", "champion/")


def token_of(person: Participant) -> str:
    return links.token("my-upgrade", person.public_id, person.link_generation)


def link_of(person: Participant) -> str:
    return f"/me/{token_of(person)}/"


def visitor(person: Participant) -> Client:
    client = Client()
    assert client.get(link_of(person)).status_code == 302
    return client


def mark(client: Client) -> str:
    text = client.get(f"{HOME}problem/").text
    found = re.search(r'name="visit" value="(\w+)"', text)
    assert found, text
    return found[1]


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(HOME + path, {"visit": mark(client), **data})
