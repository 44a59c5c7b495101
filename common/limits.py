"""A limit on unknown tokens for each address. Known ones never count: a company is one address."""

from django.core.cache import cache
from django.http import HttpRequest

from common.http import client_address

UNKNOWN_ALLOWED = 60
WINDOW_SECONDS = 10 * 60


def count_unknown(request: HttpRequest) -> bool:
    """Count one unknown token of this address; True when it has tried too many."""
    key = f"unknown-link:{client_address(request)}"
    if cache.add(key, 1, WINDOW_SECONDS):
        return False
    try:
        return cache.incr(key) > UNKNOWN_ALLOWED
    except ValueError:  # it ran out between the two calls
        return False
