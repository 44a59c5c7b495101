"""Ids of somebody else's project, in the address and in every field that takes one.

The manager of one project asks with the ids of another that has all the same rows. Nothing may be
found, and no table may differ afterwards.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from projects.enums import AccessRole
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import DeliveryFactory
from tests.factories.projects import StakeholderFactory
from tests.hostile.tables import contents
from tests.hostile.valid import words_of
from tests.permissions import ROWS
from tests.permissions.communications import of_occurrence_with_person

NOT_FOUND, INVALID = 404, 422
OF_A_THING = sorted(name for name, row in ROWS.items() if row.arguments.__name__.startswith("of_"))
FORM_OF_THE_TABLE = ("projects:", "cohorts:", "communications:", "surveys:", "rollout:")


@pytest.fixture
def theirs(foreign_project: Project, stranger: User) -> Project:
    """With everybody that the rows of the table look for."""
    StakeholderFactory(project=foreign_project, access=AccessRole.CONTRIBUTOR)
    StakeholderFactory(project=foreign_project, access=AccessRole.VIEWER)
    return foreign_project


def things() -> list[str]:
    """Names whose address holds more than the project's slug."""
    return [
        name
        for name in OF_A_THING
        if name.startswith(FORM_OF_THE_TABLE) and ROWS[name].arguments.__name__ != "of_project"
    ]


def ask(client: Client, name: str, arguments: dict[str, Any], words: Any) -> list[int]:
    """What GET and a valid POST answer, each rolled back."""
    address, statuses = reverse(name, kwargs=arguments), []
    for send, data in ((client.get, {}), (client.post, words)):
        with transaction.atomic():
            response = send(address, data)
            if response.streaming:
                b"".join(response.streaming_content)
            statuses.append(response.status_code)
            transaction.set_rollback(True)
    return statuses


@pytest.mark.parametrize("name", things())
def test_thing_of_another_project_is_not_there(
    name: str, project: Project, manager: User, theirs: Project, stranger: User, as_user: Any
) -> None:
    arguments, words = ROWS[name].arguments(theirs), words_of(name, theirs)
    own = ask(as_user(stranger), name, arguments, words)
    assert set(own) <= {200, 302, 403, 405, 409, 422}
    assert 403 not in own or name == "surveys:survey_export"  # too few answers to show
    client = as_user(manager)
    before = contents()
    got = ask(client, name, {**arguments, "slug": project.slug}, words)
    assert got == [405 if status == 405 else NOT_FOUND for status in own]
    assert contents() == before


# ---- ids in forms and queries


def owner(name: str) -> Callable[..., Any]:
    """A person of another project as the owner of ours."""

    def attack(client: Client, project: Project, theirs: Project) -> Any:
        address = reverse(name, kwargs=ROWS[name].arguments(project))
        body = words_of(name, project)
        foreign = str(theirs.stakeholders.order_by("pk")[0].pk)
        return lambda: client.post(address, {**body, "owner": foreign})

    return attack


def assign(query: str = "", **given: Any) -> Callable[..., Any]:
    """A change of cohorts; words of ``given`` and ``query`` in braces become ids."""

    def attack(client: Client, project: Project, theirs: Project) -> Any:
        ids = {
            "own": MembershipFactory(cohort__project=project).participant_id,
            "own_wave": project.cohorts.get().pk,
            "their": MembershipFactory(cohort__project=theirs).participant_id,
            "their_wave": theirs.cohorts.get().pk,
        }
        body = {
            key: [one.format(**ids) for one in ([value] if isinstance(value, str) else value)]
            for key, value in given.items()
        }
        address = reverse("cohorts:people_assign", args=[project.slug])
        return lambda: client.post(f"{address}?{query.format(**ids)}", body)

    return attack


def import_into_their_cohort(client: Client, project: Project, theirs: Project) -> Any:
    address = reverse("cohorts:people_import", args=[project.slug])
    cohort = CohortFactory(project=theirs).pk
    file = SimpleUploadedFile("people.csv", b"upn\nnew@example.org\n")
    return lambda: client.post(address, {"cohort": cohort, "file": file})


def send_test_as_their_person(client: Client, project: Project, theirs: Project) -> Any:
    arguments = of_occurrence_with_person(project)
    person = ParticipantFactory(project=theirs).pk
    address = reverse("communications:occurrence_test", kwargs=arguments)
    return lambda: client.post(address, {"person": person})


def decide(*, of_theirs: bool) -> Callable[..., Any]:
    """A mail of another project, or of another occurrence of this one."""

    def attack(client: Client, project: Project, theirs: Project) -> Any:
        ours = DeliveryFactory(occurrence__message__project=project, state="uncertain")
        foreign = DeliveryFactory(
            occurrence__message__project=theirs if of_theirs else project, state="uncertain"
        )
        arguments = {"slug": project.slug, "pk": ours.occurrence_id}
        address = reverse("communications:occurrence_decide", kwargs=arguments)
        return lambda: client.post(address, {"decision": "send_again", "delivery": foreign.pk})

    return attack


def look(name: str, query: str) -> Callable[..., Any]:
    """A page that is asked for something of another project."""

    def attack(client: Client, project: Project, theirs: Project) -> Any:
        arguments = ROWS[name].arguments(project)
        joined = MembershipFactory(cohort__project=theirs)
        ids = {
            "wave": joined.cohort_id,
            "person": joined.participant_id,
            "owner": theirs.stakeholders.order_by("pk")[0].pk,
        }
        return lambda: client.get(f"{reverse(name, kwargs=arguments)}?{query.format(**ids)}")

    return attack


ATTACKS: dict[str, tuple[Callable[..., Any], int]] = {
    "owner of a step": (owner("projects:step_edit"), INVALID),
    "owner of a new risk": (owner("projects:risk_add"), INVALID),
    "owner of a risk": (owner("projects:risk_edit"), INVALID),
    "person into our cohort": (
        assign(scope="picked", cohort="{own_wave}", people="{their}"),
        NOT_FOUND,
    ),
    "both into our cohort": (
        assign(scope="picked", cohort="{own_wave}", people=["{own}", "{their}"]),
        NOT_FOUND,
    ),
    "our person into their cohort": (
        assign(scope="picked", cohort="{their_wave}", people="{own}"),
        NOT_FOUND,
    ),
    "everybody into their cohort": (
        assign(scope="matching", cohort="{their_wave}", expected="1"),
        NOT_FOUND,
    ),
    "their cohort into ours": (
        assign("cohort={their_wave}", scope="matching", cohort="{own_wave}", expected="1"),
        NOT_FOUND,
    ),
    "their person out of our cohort": (
        assign("cohort={own_wave}", scope="out", people="{their}"),
        NOT_FOUND,
    ),
    "out of their cohort": (
        assign("cohort={their_wave}", scope="out", people="{their}"),
        NOT_FOUND,
    ),
    "import into their cohort": (import_into_their_cohort, NOT_FOUND),
    "test as their person": (send_test_as_their_person, NOT_FOUND),
    "decide on their mail": (decide(of_theirs=True), NOT_FOUND),
    "decide on the mail of another occurrence": (decide(of_theirs=False), NOT_FOUND),
    "people of their cohort": (look("cohorts:people_list", "cohort={wave}"), NOT_FOUND),
    "file of their cohort": (look("cohorts:people_export", "cohort={wave}"), NOT_FOUND),
    "preview as their person": (
        look("communications:occurrence_detail", "person={person}"),
        NOT_FOUND,
    ),
    "mails to their cohort": (look("communications:occurrence_list", "cohort={wave}"), INVALID),
    "steps of their person": (look("projects:step_list", "owner={owner}"), INVALID),
}


@pytest.mark.parametrize("what", ATTACKS)
def test_field_takes_no_id_of_another_project(
    what: str, project: Project, manager: User, theirs: Project, as_user: Any
) -> None:
    make, expected = ATTACKS[what]
    attack: Callable[[], HttpResponse] = make(as_user(manager), project, theirs)
    before = contents()
    assert attack().status_code == expected
    assert contents() == before
