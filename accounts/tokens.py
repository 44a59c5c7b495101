"""The one link that makes the first administrator: signed, old after a day. Pure."""

from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner

GOOD_FOR = timedelta(days=1)
_PURPOSE = "first-administrator"


def first_admin_token() -> str:
    return TimestampSigner(salt="accounts.first_admin").sign(_PURPOSE).partition(":")[2]


def is_first_admin_token(token: str) -> bool:
    signer = TimestampSigner(salt="accounts.first_admin")
    try:
        signer.unsign(f"{_PURPOSE}:{token}", max_age=GOOD_FOR)
    except BadSignature:
        return False
    return True
