"""Twenty at once through the whole web stack: one wins, all others are told so, never a 500."""

from collections import Counter
from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from common import links
from communications.models import Occurrence
from projects.models import Event, Project, Step
from rollout.drafts import plan_project
from rollout.services.create import create_project
from surveys.models import Response
from tests.factories.cohorts import CohortFactory
from tests.factories.communications import OccurrenceFactory
from tests.factories.people import UserFactory
from tests.factories.projects import PhaseFactory, StepFactory
from tests.factories.surveys import POSTED, invite, open_survey_row
from tests.rollout.drafts import draft_for, form_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet")]
THREADS = 20
PLAYBOOK = "windows-refresh"


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each job returns or raises, each in a thread with a connection of its own."""
    start, results = Barrier(len(jobs)), [None] * len(jobs)

    def run(place: int, job: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            results[place] = job()
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            results[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def statuses(
    client: Client, send: Callable[[Client], HttpResponse], times: int = THREADS
) -> Counter[Any]:
    """How often which status comes back when a browser's request arrives ``times`` at once."""

    def job() -> Any:
        twin = Client(raise_request_exception=False)
        twin.cookies = client.cookies.copy()
        response = send(twin)
        return getattr(response, "exc_info", None) or response.status_code

    return Counter(at_once([job] * times))


def one_of(times: int) -> Counter[Any]:
    return Counter({302: 1, 409: times - 1})


def test_answer_arrives_once(project: Project) -> None:
    survey = open_survey_row(CohortFactory(project=project), closes_at="2100-01-01T00:00:00Z")
    (invitation,) = invite(survey)
    client = Client()
    token = links.token("survey", invitation.public_id, invitation.generation)
    address = client.get(f"/s/{token}/").url
    page = client.get(address).content.decode()
    mark = page.partition('name="visit" value="')[2].partition('"')[0]
    body = {**POSTED, "visit": mark}
    assert statuses(client, lambda twin: twin.post(address, body)) == one_of(THREADS)
    assert list(Response.objects.values_list("invitation", flat=True)) == [invitation.pk]


def test_occurrence_is_approved_once(project: Project, manager: User, as_user: Any) -> None:
    occurrence = OccurrenceFactory(message__project=project)
    address = f"/projects/{project.slug}/communications/{occurrence.pk}/approve/"
    client = as_user(manager)
    body = {"people": "0", "mark": "0", "text": "1"}
    assert statuses(client, lambda twin: twin.post(address, body)) == one_of(THREADS)
    assert list(Occurrence.objects.values_list("state", flat=True)) == ["approved"]
    assert Event.objects.count() == 1


def test_step_moves_once(project: Project, contributor: User, as_user: Any) -> None:
    step = StepFactory(phase=PhaseFactory(project=project))
    address = f"/projects/{project.slug}/steps/{step.key}/status/"
    client = as_user(contributor)
    assert statuses(client, lambda twin: twin.post(address, {"status": "done"})) == one_of(THREADS)
    assert list(Step.objects.values_list("status", flat=True)) == ["done"]
    assert Event.objects.count() == 1


def test_project_is_made_once(manager: User, as_user: Any) -> None:
    draft = draft_for(PLAYBOOK)
    body = form_of(draft, digest=plan_project(draft).digest)
    client = as_user(manager)
    # Fewer, for each draws a whole plan.
    assert statuses(client, lambda twin: twin.post("/projects/new/", body), 6) == one_of(6)
    assert Project.objects.count() == 1


def test_people_who_choose_one_name_at_once_get_addresses_of_their_own(db: None) -> None:
    def job(user: User) -> Callable[[], str]:
        draft = draft_for(PLAYBOOK)
        return lambda: create_project(draft=draft, owner=user, acting_user=user).slug

    slugs = at_once([job(user) for user in UserFactory.create_batch(8)])
    assert sorted(map(str, slugs)) == sorted(
        ["nordwind-energie", *(f"nordwind-energie-{n}" for n in range(2, 9))]
    )
