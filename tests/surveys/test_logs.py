"""No personal link in any line that is logged, whoever logs it."""

import io
import logging

import pytest
from django.test import Client, override_settings
from django.urls import path

from common import links
from surveys.models import Survey
from tests.factories.surveys import invite
from upgrade_tracker.urls import urlpatterns as real


def fail(request, token: str):
    raise RuntimeError(f"broken at {request.path}")


urlpatterns = [path("me/<str:token>/", fail), *real]


def test_link_is_in_no_line_of_the_log(survey: Survey, noon: object, log: io.StringIO) -> None:
    (invitation,) = invite(survey)
    token = links.token("survey", invitation.public_id, 1)
    client = Client()
    assert client.get(f"/s/{token}/").status_code == 302
    assert client.get(f"/s/{token[:-1]}/", HTTP_REFERER=f"http://x/s/{token}/").status_code == 404
    logging.getLogger("django.server").info('"GET /s/%s/ HTTP/1.1" 302', token)
    lines = log.getvalue()
    assert "GET /s/***/" in lines
    assert "Not Found: /s/***/" in lines
    assert '\\"GET /s/***/ HTTP/1.1\\" 302' in lines
    assert token[:20] not in lines


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_link_is_in_no_traceback(log: io.StringIO) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/me/very-secret-token/").status_code == 500
    assert "broken at /me/***/" in log.getvalue()
    assert "very-secret-token" not in log.getvalue()
