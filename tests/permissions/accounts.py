"""Signing in: no project, so "stranger" to "manager" are people with an account."""

from typing import Any

from accounts.tokens import first_admin_token
from projects.models import Project
from tests.permissions.rows import (
    Row,
    nothing,
)

FOR_ACCOUNTS = "302  200  200  200  200  200"
FOR_EVERYBODY = "200  200  200  200  200  200"
ELSEWHERE = "302  302  302  302  302  302"


def reset_key(project: Project) -> dict[str, Any]:
    return {"uidb36": "1", "key": "set-password"}


ACCOUNTS = {
    "accounts:profile": Row(
        arguments=nothing, GET=FOR_ACCOUNTS, POST="302  422  422  422  422  422"
    ),
    # An administrator exists among the personas, so the link is dead for everybody.
    "accounts:first_admin": Row(
        arguments=lambda project: {"token": first_admin_token()},
        GET="404  404  404  404  404  404",
        POST="404  404  404  404  404  404",
    ),
    "account_login": Row(
        arguments=nothing,
        GET="200  302  302  302  302  302",
        POST="422  302  302  302  302  302",
    ),
    "account_logout": Row(arguments=nothing, GET=FOR_ACCOUNTS, POST=ELSEWHERE),
    "account_inactive": Row(
        arguments=nothing, GET=FOR_EVERYBODY, POST="405  405  405  405  405  405"
    ),
    "account_reauthenticate": Row(
        arguments=nothing, GET=FOR_ACCOUNTS, POST="302  422  422  422  422  422"
    ),
    "account_change_password": Row(
        arguments=nothing, GET=FOR_ACCOUNTS, POST="302  422  422  422  422  422"
    ),
    "account_set_password": Row(arguments=nothing, GET=ELSEWHERE, POST=ELSEWHERE),
    "account_reset_password": Row(
        arguments=nothing, GET=FOR_EVERYBODY, POST="422  422  422  422  422  422"
    ),
    "account_reset_password_done": Row(
        arguments=nothing, GET=FOR_EVERYBODY, POST="405  405  405  405  405  405"
    ),
    "account_reset_password_from_key": Row(
        arguments=reset_key, GET=FOR_EVERYBODY, POST=FOR_EVERYBODY
    ),
    "account_reset_password_from_key_done": Row(
        arguments=nothing, GET=FOR_EVERYBODY, POST="405  405  405  405  405  405"
    ),
}

FRAME = {
    "healthz": Row(arguments=nothing, GET=FOR_EVERYBODY, POST=FOR_EVERYBODY),
    "readyz": Row(arguments=nothing, GET=FOR_EVERYBODY, POST=FOR_EVERYBODY),
    "metrics": Row(arguments=nothing, GET=FOR_EVERYBODY, POST=FOR_EVERYBODY),
    "common:set_theme": Row(arguments=nothing, GET="405  405  405  405  405  405", POST=ELSEWHERE),
}
