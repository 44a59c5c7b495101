"""{my_upgrade_link} in mails: whose it is, where it leads, what it costs."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from cohorts.models import Cohort, Participant
from communications import audiences
from communications.exceptions import ContentRefused
from communications.models import Occurrence
from communications.queries.audience import recipients
from communications.services.content import preview, values_for
from communications.services.text import refuse_bad_text
from projects.models import Project, Stakeholder
from rollout.mail_links import MyUpgradeLink
from tests.communications.skeletons import skeleton_for
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory

BODY = "Hello {person_name}, see [your page]({my_upgrade_link})."


@pytest.fixture
def cohort(project: Project) -> Cohort:
    return CohortFactory(project=project)


@pytest.fixture
def occurrence(cohort: Cohort) -> Occurrence:
    message = MessageFactory(project=cohort.project, body=BODY, is_mandatory=True)
    return OccurrenceFactory(message=message, cohort=cohort)


def people(cohort: Cohort, number: int) -> list[Participant]:
    return [MembershipFactory(cohort=cohort).participant for _ in range(number)]


def test_each_persons_link_opens_their_own_page(occurrence: Occurrence, cohort: Cohort) -> None:
    some = people(cohort, 3)
    values = values_for(occurrence, recipients(some))
    for person in some:
        path = "/" + values[person.pk]["my_upgrade_link"].split("/", 3)[3]
        text = Client().get(path, follow=True).text
        assert f"Hello {person.display_name.split()[0]}," in text
    assert len({values[person.pk]["my_upgrade_link"] for person in some}) == 3


@pytest.mark.parametrize("number", [1, 40])
def test_a_batch_costs_one_query(
    cohort: Cohort, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pks = [person.pk for person in people(cohort, number)]
    with django_assert_num_queries(1):
        assert len(MyUpgradeLink().values(pks)) == number


def test_link_is_an_address_in_the_mail(occurrence: Occurrence, cohort: Cohort) -> None:
    (person,) = people(cohort, 1)
    (to,) = recipients([person])
    values = values_for(occurrence, [to])[person.pk]
    raw = skeleton_for(occurrence).render(
        values=values,
        to_name=to.name,
        to_address=to.address,
        message_id="<x@localhost>",
        date=occurrence.due_at,
    )
    plain = raw.decode().replace("=\r\n", "").replace("=3D", "=")
    assert plain.count(values["my_upgrade_link"]) >= 2
    assert f'href="{values["my_upgrade_link"]}"' in plain


def test_preview_leads_to_a_page_that_needs_an_account(
    occurrence: Occurrence,
    cohort: Cohort,
    manager: User,
    as_user: Callable[[User | None], Client],
) -> None:
    (person,) = people(cohort, 1)
    (to,) = recipients([person])
    mail = preview(occurrence, to)
    assert "/me/" not in mail.html + mail.text
    found = re.search(r"https?://[^/]+(/projects/[^\s)>\"]+)", mail.text)
    assert found
    assert found[1] == f"/projects/{cohort.project.slug}/people/{person.pk}/my-upgrade/"
    assert as_user(manager).get(found[1]).status_code == 200
    assert as_user(None).get(found[1]).status_code == 302


@pytest.mark.parametrize("kind", ["stakeholders", "it_staff"])
def test_stakeholders_have_no_page(project: Project, kind: str) -> None:
    message = MessageFactory(project=project, audience_kind=kind, cohort_kind="", body=BODY)
    with pytest.raises(ContentRefused, match="my_upgrade_link"):
        refuse_bad_text(message, "Subject", BODY)
    occurrence = OccurrenceFactory(message=message, cohort=None)
    somebody = recipients(Stakeholder.objects.filter(project=project)[:1])
    values = values_for(occurrence, somebody)
    assert "my_upgrade_link" not in values[somebody[0].pk]


@pytest.mark.parametrize("kind", ["cohort", "everyone", "told", "survey_invited"])
def test_every_message_to_participants_may_name_it(project: Project, kind: str) -> None:
    message = MessageFactory(project=project, audience_kind=kind, body=BODY)
    refuse_bad_text(message, "Subject", BODY)


def test_placeholder_is_registered_once() -> None:
    assert {name: type(one).__module__ for name, one in audiences.personal().items()} == {
        "my_upgrade_link": "rollout.mail_links"
    }
    with pytest.raises(ValueError, match="registered twice"):
        audiences.register_personal("my_upgrade_link", MyUpgradeLink())
