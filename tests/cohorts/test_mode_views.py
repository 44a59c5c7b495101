"""The pages of modes: reading a report, the list of drift, scripts to take away."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from cohorts.enums import ModeState
from cohorts.models import Membership
from playbooks.library import get_playbook
from projects.models import Event
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

HEADER = "UserPrincipalName,TeamsUpgradeEffectiveMode\n"


@pytest.fixture
def project(project):
    project.playbook_snapshot = get_playbook("teams-upgrade").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    return project


@pytest.fixture
def wave(project):
    return CohortFactory(project=project, name="Wave 1", switch_on=now().date() - timedelta(days=9))


@pytest.fixture
def client(manager, as_user):
    return as_user(manager)


def at(name: str, project, *args: object, **query: object) -> str:
    address = reverse(f"cohorts:{name}", args=[project.slug, *args])
    return f"{address}?{'&'.join(f'{k}={v}' for k, v in query.items())}" if query else address


def file_of(text: str) -> io.BytesIO:
    file = io.BytesIO(text.encode())
    file.name = "modes.csv"
    return file


def drifted(cohort, number: int) -> list[Membership]:
    rows = []
    for n in range(number):
        person = ParticipantFactory(project=cohort.project, display_name=f"Drift {n:02}")
        more = {"observed_mode": "Islands", "observed_at": now()}
        rows.append(
            MembershipFactory(cohort=cohort, participant=person, mode_state=ModeState.DRIFT, **more)
        )
    return rows


def test_a_report_is_read_and_shown(client, project, wave):
    person = MembershipFactory(cohort=wave, participant__upn="a@x.org").participant
    data = {"file": file_of(HEADER + "a@x.org,Islands\nz@x.org,TeamsOnly\n")}
    response = client.post(at("modes_verify", project), data, follow=True)
    assert response.redirect_chain == [(at("modes_list", project), 302)]
    page = response.content.decode()
    assert "Read: 0 verified, 1 drift, 0 pending, 1 unknown." in page
    assert person.display_name in page
    assert "Islands" in page
    page = client.get(reverse("rollout:person_detail", args=[project.slug, person.pk]))
    assert "Observed: Islands" in page.content.decode()


@pytest.mark.parametrize("text", ["", "Name\nAnna\n", HEADER + '"a@x.org,Islands\n'])
def test_a_bad_report_stands_beside_its_field(client, project, wave, text):
    response = client.post(at("modes_verify", project), {"file": file_of(text)})
    assert (response.status_code, Event.objects.count()) == (422, 0)
    assert response.context["form"].errors["file"]


def test_without_an_export_in_the_playbook_the_page_says_so(client, project):
    project.playbook_snapshot = {}
    project.save(update_fields=["playbook_snapshot"])
    page = client.get(at("modes_verify", project)).content.decode()
    assert "does not say how an export shows modes" in page


def test_drift_is_paged_and_filtered(client, project, wave):
    rows = drifted(wave, 52)
    other = drifted(CohortFactory(project=project), 1)
    drifted(CohortFactory(), 1)
    first = client.get(at("modes_list", project)).context
    assert (first["page"].total, len(first["rows"])) == (53, 50)
    second = client.get(first["next_url"]).context
    assert [row.membership.pk for row in second["rows"]] == [row.pk for row in [*rows[50:], *other]]
    back = client.get(second["previous_url"]).context
    assert [row.membership.pk for row in back["rows"]] == [row.pk for row in rows[:50]]
    mine = client.get(at("modes_list", project, cohort=other[0].cohort_id)).context
    assert [row.membership.pk for row in mine["rows"]] == [other[0].pk]


@pytest.mark.parametrize("query", ["cohort=x", "after=x", "before=-1", f"after={2**70}"])
def test_odd_filters_are_422(client, project, query):
    assert client.get(f"{at('modes_list', project)}?{query}").status_code == 422


def test_people_of_others_are_not_found(client, project, wave):
    theirs = drifted(CohortFactory(), 1)[0]
    data = {"people": [theirs.participant_id]}
    assert client.post(at("modes_requeue", project), data).status_code == 404
    assert client.get(at("modes_list", project, cohort=theirs.cohort_id)).status_code == 404
    for name in ("modes_download", "modes_ran"):
        assert client.post(at(name, project, theirs.cohort_id)).status_code == 404
    theirs.refresh_from_db()
    assert theirs.mode_state == ModeState.DRIFT


def test_ticked_people_go_into_the_next_script(client, project, wave):
    one, two = drifted(wave, 2)
    assert client.post(at("modes_requeue", project), {}).status_code == 422
    response = client.post(at("modes_requeue", project), {"people": [one.participant_id]})
    assert response.status_code == 302
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.mode_state, two.mode_state) == (ModeState.WAITING, ModeState.DRIFT)


def test_scripts_come_as_a_zip_and_are_then_said_to_have_run(client, project, wave):
    row = MembershipFactory(cohort=wave)
    address = at("modes_scripts", project, wave.pk)
    page = client.get(address).content.decode()
    assert "It has run" not in page
    response = client.post(at("modes_download", project, wave.pk), {"method": "batch"})
    assert response.headers["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    hashes = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert Event.objects.get().data["files"] == hashes
    assert "grant-batch-001.ps1" in hashes
    assert "It has run" in client.get(address).content.decode()
    ran = client.post(at("modes_ran", project, wave.pk))
    assert ran.status_code == 302
    row.refresh_from_db()
    assert row.mode_state == ModeState.GRANTED
    assert client.post(at("modes_ran", project, wave.pk)).status_code == 422


def test_scripts_that_cannot_be_are_refused(client, project, wave):
    address = at("modes_download", project, wave.pk)
    assert client.post(address, {"method": "fax"}).status_code == 422
    response = client.post(address, {"method": "user"})
    assert response.status_code == 422
    assert "Nobody is in “Wave 1” yet." in response.content.decode()


def test_pages_take_the_same_statements_for_one_and_three(
    client, project, wave, django_assert_num_queries
):
    drifted(wave, 1)
    counts = {"modes_list": (project,), "modes_scripts": (project, wave.pk)}
    for name, args in counts.items():
        client.get(at(name, *args))
    for number in (0, 2):
        drifted(wave, number)
        with django_assert_num_queries(10):
            client.get(at("modes_list", project))
        with django_assert_num_queries(8):
            client.get(at("modes_scripts", project, wave.pk))


def test_states_of_every_cohort_lead_to_their_people(client, project, wave):
    other = CohortFactory(project=project, name="Wave 2")
    CohortFactory(project=project, name="Nobody yet")
    for cohort, state in (
        (wave, "verified"),
        (wave, "failed"),
        (wave, "failed"),
        (wave, "not_applicable"),
        (other, "granted"),
    ):
        MembershipFactory(cohort=cohort, mode_state=state)
    response = client.get(at("modes_list", project))
    assert [
        (row.cohort.name, row.people, {state: n for state, _word, n in row.states if n})
        for row in response.context["cohorts"]
    ] == [
        (wave.name, 4, {"verified": 1, "failed": 2, "not_applicable": 1}),
        ("Wave 2", 1, {"granted": 1}),
    ]
    failed = client.get(at("people_list", project), {"cohort": wave.pk, "mode": "failed"})
    assert len(failed.context["page"].people) == 2
    assert f"?cohort={wave.pk}&amp;mode=failed" in response.content.decode()
