"""Every page of the plan: works, and costs the same number of queries with more rows."""

import pytest

from projects.models import ReadinessCheck, Risk

PAGES = (
    "steps/",
    "steps/try-1/",
    "goals/",
    "goals/calls/",
    "goals/progress/",
    "risks/",
    "risks/new/",
    "readiness/",
    "stakeholders/",
    "stakeholders/new/",
    "scope/",
    "activity/",
    "settings/",
)


@pytest.mark.parametrize("where", PAGES)
def test_page_opens_for_the_manager(where, planned, manager, as_user):
    response = as_user(manager).get(f"/projects/{planned.slug}/{where}")
    assert response.status_code == 200
    assert planned.name in response.text


WRITES = ("risks/new/", "stakeholders/new/")


@pytest.mark.parametrize("where", [where for where in PAGES if where not in WRITES])
def test_page_for_a_viewer_has_no_write_controls(where, planned, viewer, as_user):
    response = as_user(viewer).get(f"/projects/{planned.slug}/{where}")
    assert response.status_code == 200
    main = response.text.partition("<main")[2].partition("</main>")[0]
    assert 'method="post"' not in main
    assert "/new/" not in main


def test_edit_pages_open_with_what_is_saved(planned, manager, as_user):
    client = as_user(manager)
    risk, check = Risk.objects.get(project=planned), ReadinessCheck.objects.first()
    person = planned.stakeholders.get(user=manager)
    for where in (f"risks/{risk.pk}/", f"readiness/{check.pk}/", f"stakeholders/{person.pk}/"):
        assert client.get(f"/projects/{planned.slug}/{where}").status_code == 200
