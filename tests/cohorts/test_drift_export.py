"""The list of drift as a file: who the list shows, once each, as text."""

import csv
import io

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cohorts.enums import ModeState, ParticipantStatus
from cohorts.queries.drift_export import DRIFT_HEADER
from tests.factories.cohorts import AT, CohortFactory, MembershipFactory


@pytest.fixture
def wave(project):
    return CohortFactory(project=project, name="Wave 1", to_mode="Up")


@pytest.fixture
def drifting(wave):
    drift = {"mode_state": ModeState.DRIFT, "observed_mode": "Down", "observed_at": AT}
    MembershipFactory(
        cohort=wave,
        participant__display_name="=Anna",
        participant__upn="a@x.org",
        **drift,
    )
    MembershipFactory(cohort=wave, participant__status=ParticipantStatus.LEFT, **drift)
    MembershipFactory(cohort=wave, mode_state=ModeState.VERIFIED)
    MembershipFactory(cohort__project=wave.project, participant__display_name="Bert", **drift)
    MembershipFactory(**drift)


def test_drift_leaves_as_it_is_listed(project, wave, drifting, viewer, as_user):
    client, slug = as_user(viewer), [project.slug]
    listed = client.get(f"{reverse('cohorts:drift_export', args=slug)}?cohort={wave.pk}")
    text = b"".join(listed.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        list(DRIFT_HEADER),
        ["'=Anna", "a@x.org", "", "Wave 1", "Down", "Up", str(AT), ""],
    ]
    book = client.get(reverse("cohorts:drift_workbook", args=slug))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book.streaming_content)))
    rows = sheet.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["displayName", "'=Anna", "Bert"]


def test_a_cohort_of_another_project_is_not_found(project, drifting, viewer, as_user):
    address = reverse("cohorts:drift_export", args=[project.slug])
    foreign = CohortFactory()
    assert as_user(viewer).get(f"{address}?cohort={foreign.pk}").status_code == 404
    assert as_user(viewer).get(f"{address}?cohort=odd").status_code == 422
