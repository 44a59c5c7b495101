"""Personas: manager, contributor and viewer of one project; a stranger who manages another."""

import gc
import io
import logging
from collections.abc import Iterator

import pytest
import pytest_django
from django.core.cache import cache
from django.db import connection
from django.test import Client
from hypothesis import settings as hypothesis_settings

from accounts.models import User
from projects.enums import AccessRole
from projects.models import Project
from tests.factories.people import UserFactory
from tests.factories.projects import ProjectFactory, StakeholderFactory
from tests.strict_templates import _undefined_variables_raise  # noqa: F401
from tests.together import Together


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: nobody needs to look through it again."""
    gc.collect()
    gc.freeze()


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    return Together(config, log)


# A busy machine is no counter-example.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Sign-in limits live in the cache: one test must not lock out the next."""
    for name in ("transactional_db", "db"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
            cache.clear()
            return


@pytest.fixture(autouse=True)
def _quick_passwords(settings: pytest_django.Settings) -> None:
    """The real hasher takes most of a test's time, five times for the personas alone."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _static_files_when_asked_for(settings: pytest_django.Settings) -> None:
    """Every new client would read the folder of static files first."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _no_journals(settings: pytest_django.Settings) -> None:
    """What a dead worker leaves uncertain is told from its journal, where a test wants one."""
    settings.SEND_JOURNAL = ""


@pytest.fixture
def admin(db: None) -> User:
    return UserFactory(name="Ada Admin", is_staff=True, is_superuser=True)


@pytest.fixture
def manager(db: None) -> User:
    return UserFactory(name="Mona Manager")


@pytest.fixture
def contributor(db: None) -> User:
    return UserFactory(name="Carl Contributor")


@pytest.fixture
def viewer(db: None) -> User:
    return UserFactory(name="Vera Viewer")


@pytest.fixture
def project(manager: User, contributor: User, viewer: User) -> Project:
    project = ProjectFactory(created_by=manager)
    StakeholderFactory(project=project, user=manager, access=AccessRole.MANAGER)
    StakeholderFactory(project=project, user=contributor, access=AccessRole.CONTRIBUTOR)
    StakeholderFactory(project=project, user=viewer, access=AccessRole.VIEWER)
    return project


@pytest.fixture
def foreign_project(db: None) -> Project:
    return ProjectFactory(name="Somebody else's")


@pytest.fixture
def stranger(foreign_project: Project) -> User:
    """Signed in, manager of another project, nothing in ours."""
    stranger = UserFactory(name="Sam Stranger")
    StakeholderFactory(project=foreign_project, user=stranger, access=AccessRole.MANAGER)
    return stranger


@pytest.fixture
def as_user():
    """``as_user(viewer)`` is a client signed in as that user."""

    def sign_in(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def many_rows(db: None) -> Iterator[None]:
    """For thousands of rows: their foreign keys are looked at when the test is over, by plans
    that were kept since the tables were small."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What standard error would hold: the formatter of the settings on a stream of ours."""
    root = logging.getLogger()
    formatter = next(
        handler.formatter
        for handler in root.handlers
        if type(handler.formatter).__module__.startswith("structlog")
    )
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
