"""What a request says about itself, and what of that is believed."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from common.http import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),  # nobody of ours wrote that
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the first is the client's invention
        (2, "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),  # came past one of the two
    ],
)
def test_client_address_is_what_our_own_proxies_saw(
    settings: Any, proxies: int, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", **extra)
    assert client_address(request) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/?q=%00", "/accounts/login/?next=%00", "/projects/a%00b/"])
def test_nul_in_an_address_is_a_bad_request(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


@pytest.mark.django_db
def test_nul_in_a_form_is_refused(client: Client) -> None:
    """Multipart fields are left to the forms, so that a large upload is not read twice."""
    plain = "application/x-www-form-urlencoded"
    urlencoded = client.post("/accounts/login/", "login=a%00b&password=x", content_type=plain)
    multipart = client.post("/accounts/login/", {"login": "a\0b", "password": "x"})
    assert (urlencoded.status_code, multipart.status_code) == (400, 422)
