"""Texts of which a copy of the database gives nothing away.

They are sealed with Fernet under keys made of ``LINK_KEYS``: the first seals, all of them open.
Sealed twice a text looks different each time, so no query can look for it.
"""

import base64
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models import Lookup

from common import links

PURPOSE = "sealed"
KEY_BYTES = 32


class SealedTextField(models.TextField):  # type: ignore[type-arg]
    """Plain in Python, sealed in the row; empty where none of the keys opens what is there."""

    def get_prep_value(self, value: Any) -> Any:
        plain = super().get_prep_value(value)
        return seal(plain) if plain else plain

    def from_db_value(self, value: str | None, *_about: object) -> str | None:
        return unseal(value) if value else value

    def get_lookup(self, lookup_name: str) -> "type[Lookup[Any]] | None":
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


def seal(text: str) -> str:
    return _ring(tuple(settings.LINK_KEYS)).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """What was sealed; empty where its key is gone or somebody changed it."""
    try:
        return _ring(tuple(settings.LINK_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    secrets = [links.mac(key, PURPOSE, b"", KEY_BYTES) for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(secret)) for secret in secrets])
