"""Large files: given to a worker, watched, stopped, and what a killed worker leaves behind."""

import gzip
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils.timezone import now

from cohorts.enums import UploadStatus
from cohorts.models import Participant, RosterImport, RosterPart, RosterUpload
from cohorts.queries.uploads import is_abandoned
from cohorts.roster import copying
from cohorts.services import upload_work, uploads
from cohorts.services.roster import one_import_at_a_time
from projects.enums import AccessRole
from projects.models import Event, Project
from tests.factories.cohorts import ParticipantFactory
from tests.factories.people import UserFactory
from tests.factories.projects import ProjectFactory, StakeholderFactory
from tests.listener import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 300
TEXT = "upn\n" + "".join(f"p{n}@x.org\n" for n in range(PEOPLE)) + "bad\n"


@pytest.fixture(autouse=True)
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 100)
    monkeypatch.setattr(uploads, "PIECE", 1_000)


@pytest.fixture
def project() -> Project:
    project = ProjectFactory()
    StakeholderFactory(project=project, user=UserFactory(), access=AccessRole.MANAGER)
    return project


@pytest.fixture
def upload(project: Project) -> RosterUpload:
    return uploads.keep_upload(
        project=project,
        file=io.BytesIO(TEXT.encode()),
        file_name="people.csv",
        cohort=None,
        is_strict=False,
        acting_user=project.stakeholders.get().user,
    )


@pytest.fixture
def shown(upload: RosterUpload, as_user) -> Callable[[], str]:
    client = as_user(upload.uploaded_by)
    address = reverse("cohorts:people_preview", args=[upload.project.slug, upload.public_id])
    return lambda: client.get(address).content.decode()


def work(upload: RosterUpload, status: UploadStatus) -> None:
    upload_work.work_on(upload_pk=upload.pk, status=status)
    upload.refresh_from_db()


def in_a_thread(upload: RosterUpload, status: UploadStatus) -> Thread:
    """A worker that stops where ``project_is_busy`` holds it."""

    def run() -> None:
        try:
            upload_work.work_on(upload_pk=upload.pk, status=status)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    wait_until_begun(upload)
    return thread


def wait_until_begun(upload: RosterUpload) -> None:
    deadline = time.monotonic() + 30
    while upload.started_at is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
        upload.refresh_from_db()


@contextmanager
def project_is_busy(project: Project) -> Iterator[None]:
    """Another import of the project runs, so that a worker has to wait at a known place."""
    with transaction.atomic():
        one_import_at_a_time(project)
        yield


def confirm(upload: RosterUpload) -> None:
    work(upload, UploadStatus.READING)
    uploads.confirm_upload(upload=upload, acting_user=upload.uploaded_by)
    upload.refresh_from_db()


def test_a_large_file_is_read_and_imported_by_a_worker(upload, shown):
    assert upload.status == UploadStatus.READING
    assert RosterPart.objects.count() == len(TEXT) // 1_000 + 1
    assert "Waiting for a worker." in shown()
    work(upload, UploadStatus.READING)
    assert (upload.status, upload.rows_read) == (UploadStatus.PREVIEWED, PEOPLE + 1)
    assert (upload.report["created"], Participant.objects.count()) == (PEOPLE, 0)
    assert "Import 300 people" in shown()
    uploads.confirm_upload(upload=upload, acting_user=upload.uploaded_by)
    assert "Waiting for a worker." in shown()
    work(upload, UploadStatus.IMPORTING)
    assert (upload.status, Participant.objects.count()) == (UploadStatus.DONE, PEOPLE)
    assert Event.objects.get(verb="people.imported").actor == upload.uploaded_by
    assert "Look at the people" in shown()


def test_a_worker_called_twice_does_it_once(upload):
    confirm(upload)
    work(upload, UploadStatus.IMPORTING)
    work(upload, UploadStatus.IMPORTING)
    work(upload, UploadStatus.READING)
    assert upload.status == UploadStatus.DONE
    assert Event.objects.filter(verb="people.imported").count() == 1


def test_two_workers_at_one_file_do_it_once(upload):
    confirm(upload)
    with project_is_busy(upload.project):
        first = in_a_thread(upload, UploadStatus.IMPORTING)
        upload_work.work_on(upload_pk=upload.pk, status=UploadStatus.IMPORTING)
        upload.refresh_from_db()
        assert upload.status == UploadStatus.IMPORTING
    first.join()
    upload.refresh_from_db()
    assert upload.status == UploadStatus.DONE
    assert Participant.objects.count() == PEOPLE


@pytest.mark.parametrize("status", [UploadStatus.READING, UploadStatus.IMPORTING])
def test_stopping_a_worker_writes_nothing(upload, shown, status):
    if status == UploadStatus.IMPORTING:
        confirm(upload)
    with project_is_busy(upload.project):
        worker = in_a_thread(upload, status)
        assert uploads.drop_upload(upload=upload, acting_user=upload.uploaded_by) == upload
        assert "Stopping; nothing will be written." in shown()
    worker.join()
    upload.refresh_from_db()
    assert (upload.status, Participant.objects.count()) == (UploadStatus.CANCELLED, 0)
    assert "This was stopped. Nothing was written." in shown()
    uploads.renew_preview(upload=upload, acting_user=upload.uploaded_by)
    work(upload, UploadStatus.READING)
    assert upload.status == UploadStatus.PREVIEWED


def test_progress_is_seen_while_the_work_goes_on(project, monkeypatch, upload, shown):
    monkeypatch.setattr(upload_work, "SECONDS_BETWEEN_NEWS", 0)
    monkeypatch.setattr(copying, "ROWS_A_CHUNK", 100)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE cohorts_participant IN ACCESS EXCLUSIVE MODE")
        worker = in_a_thread(upload, UploadStatus.READING)
        deadline = time.monotonic() + 30
        while upload.rows_read < PEOPLE:
            assert time.monotonic() < deadline
            time.sleep(0.01)
            upload.refresh_from_db()
        assert "300 rows read so far." in shown()
    worker.join()


def test_a_bad_file_fails_with_its_sentence(project, shown, upload):
    RosterPart.objects.filter(upload=upload, number=1).delete()
    upload.parts.create(number=1, content=gzip.compress(b'\n"never closed\n'))
    work(upload, UploadStatus.READING)
    assert upload.status == UploadStatus.FAILED
    assert "a quotation mark is not closed" in shown()


def test_people_who_changed_since_the_preview_are_looked_at_again(upload, shown):
    confirm(upload)
    ParticipantFactory(project=upload.project, upn="p1@x.org")
    work(upload, UploadStatus.IMPORTING)
    assert (upload.status, Participant.objects.count()) == (UploadStatus.READING, 1)
    work(upload, UploadStatus.READING)
    assert "People have changed since this preview was made." in shown()
    assert upload.report["created"] == PEOPLE - 1


def test_a_killed_worker_leaves_nothing_half_done(upload, shown):
    confirm(upload)
    with project_is_busy(upload.project):
        worker = process(upload)
        wait_until_begun(upload)
        assert not is_abandoned(upload)
        upload_work.tend_uploads()
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        deadline = time.monotonic() + 30
        while not is_abandoned(upload):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert "The worker ended while it was at this file." in shown()
    upload_work.tend_uploads()
    upload.refresh_from_db()
    assert (upload.status, Participant.objects.count()) == (UploadStatus.FAILED, 0)
    assert "The worker ended while it was at this file." in shown()
    uploads.renew_preview(upload=upload, acting_user=upload.uploaded_by)
    confirm(upload)
    work(upload, UploadStatus.IMPORTING)
    assert (upload.status, Participant.objects.count()) == (UploadStatus.DONE, PEOPLE)


def process(upload: RosterUpload) -> "subprocess.Popen[bytes]":
    """A worker of its own, on this test's database."""
    given = connection.settings_dict
    url = f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}"
    code = (
        "import django; django.setup();"
        "from cohorts.services.upload_work import work_on;"
        f"work_on(upload_pk={upload.pk}, status='importing')"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"{url}/{given['NAME']}",
            "DJANGO_SETTINGS_MODULE": "upgrade_tracker.settings",
        },
    )


def test_what_is_too_old_is_forgotten(upload, project):
    confirm(upload)
    work(upload, UploadStatus.IMPORTING)
    upload_work.tend_uploads()
    assert (RosterUpload.objects.count(), RosterImport.objects.count()) == (1, 1)
    RosterUpload.objects.update(created_at=now() - upload_work.UPLOAD_KEPT_FOR)
    RosterImport.objects.update(made_at=now() - upload_work.UNDO_KEPT_FOR)
    upload_work.tend_uploads()
    assert (RosterUpload.objects.count(), RosterPart.objects.count()) == (0, 0)
    assert RosterImport.objects.count() == 0
