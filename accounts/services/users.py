"""Makes accounts: invited ones, owners of new projects, the first administrator.

What a user may do in a project stands in its stakeholder rows and is none of this room's business.
"""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import mailing
from accounts.exceptions import AccountRefused, AdministratorExists
from accounts.models import User
from accounts.queries import has_administrator


@transaction.atomic
def ensure_user(*, email: str, name: str = "") -> User:
    """The account with this address, made and invited by mail where there is none.

    Raises AccountRefused for an address that is none or an account that may not sign in.
    """
    email = _clean_email(email)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return invite_user(email=email, name=name)
    if not user.is_active:
        raise AccountRefused(
            _("The account of %(email)s is switched off. Ask an administrator to switch it on.")
            % {"email": email}
        )
    return user


@transaction.atomic
def invite_user(*, email: str, name: str = "") -> User:
    """A new account without a password; after the commit a mail brings the way to set one."""
    email = _clean_email(email)
    if User.objects.filter(email__iexact=email).exists():
        raise AccountRefused(_("There is an account for %(email)s already.") % {"email": email})
    user = User.objects.create_user(email=email, name=name.strip()[:200])
    transaction.on_commit(lambda: send_invitation(user=user))
    return user


def send_invitation(*, user: User) -> bool:
    """Mail the way to a first password; False where nothing left (see ``mailing``)."""
    context = {"user": user, "url": password_url(user), "site_url": settings.SITE_URL}
    message = EmailMessage(
        subject=_("Your account for Upgrade Tracker"),
        body=render_to_string("accounts/mail/invitation.txt", context),
        to=[user.email],
    )
    return mailing.send(message, purpose="invitation")


def password_url(user: User) -> str:
    """The absolute address where this user sets a password; works once, for some days."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    path = reverse("account_reset_password_from_key", kwargs=key)
    return f"{settings.SITE_URL}{path}"


@transaction.atomic
def make_first_administrator(*, email: str, name: str, password: str) -> User:
    """The site's first administrator; AdministratorExists where there is one."""
    with connection.cursor() as cursor:  # of two people with the link, one is first
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.first_admin'))")
    if has_administrator():
        raise AdministratorExists(
            _("There is an administrator already. Sign in, or ask them for an account.")
        )
    email = _clean_email(email)
    if User.objects.filter(email__iexact=email).exists():
        raise AccountRefused(_("There is an account for %(email)s already.") % {"email": email})
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise AccountRefused(" ".join(error.messages)) from error
    return User.objects.create_superuser(email=email, password=password, name=name.strip())


@transaction.atomic
def update_profile(*, user: User, name: str, timezone: str, acting_user: User) -> User:
    """A person's own name and zone ("" follows each project's)."""
    user.name, user.timezone = name.strip(), timezone
    user.save(update_fields=["name", "timezone"])
    return user


def _clean_email(email: str) -> str:
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise AccountRefused(
            _("“%(email)s” is not an e-mail address.") % {"email": email}
        ) from error
    return email.lower()
