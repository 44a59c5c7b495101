"""Messages of one's own: written, copied, changed, and previewed before they exist."""

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cohorts.models import Cohort
from common.exceptions import StaleState
from communications.enums import OccurrenceState
from communications.exceptions import ContentRefused
from communications.message_rule import MessageRule, rule_of
from communications.models import Message, Occurrence
from communications.services.approval import approve_occurrence
from communications.services.authoring import edit_message, write_message
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory, TeamsChannelFactory
from tests.factories.projects import StakeholderFactory

pytestmark = pytest.mark.django_db
RULE = MessageRule(
    audience_kind="cohort",
    audience_params={},
    cohort_kind="wave",
    anchor="cohort_switch",
    offset_days=-7,
    wall_time=time(9, 0),
    zone="cohort",
    is_working_day=False,
    not_after_days=3,
    is_mandatory=False,
    has_calendar=False,
    late_policy="skip",
    sender_id=None,
)
TEXT = {"title": "One week left", "subject": "Hello", "body": "{person_name}: {switch_date}"}
FORM = TEXT | {
    "audience": "wave",
    "days": "7",
    "direction": "before",
    "anchor": "cohort_switch",
    "wall_time": "09:00",
    "zone": "cohort",
    "not_after_days": "3",
    "sender": "",
    "sample": "longest",
}


@pytest.fixture
def waves(project: Project) -> list[Cohort]:
    CohortFactory(project=project, kind="pilot", name="Pilot")
    return [CohortFactory(project=project, name=name) for name in ("Wave 1", "Wave 2")]


def changed(**changes: Any) -> MessageRule:
    return MessageRule(**{name: getattr(RULE, name) for name in RULE.__slots__} | changes)


def written(project: Project, manager: User, **changes: Any) -> Message:
    return write_message(project=project, **{**TEXT, "rule": RULE, **changes}, acting_user=manager)


def sendings(message: Message) -> list[tuple[str, str, int]]:
    """(cohort, state, days from its switch) of every occurrence."""
    return [
        (
            row.cohort.name,
            row.state,
            (row.wall_at.date() - row.cohort.switch_on).days if row.wall_at else 0,
        )
        for row in message.occurrences.select_related("cohort").order_by("cohort__pk")
    ]


def test_a_new_message_is_planned_for_every_wave(
    project: Project, manager: User, waves: list[Cohort]
) -> None:
    message = written(project, manager)
    assert (message.key, message.revision, rule_of(message)) == ("one-week-left", 1, RULE)
    assert sendings(message) == [("Wave 1", "planned", -7), ("Wave 2", "planned", -7)]
    assert written(project, manager).key == "one-week-left-2"


def test_a_changed_day_moves_what_waits_and_leaves_what_was_sent(
    project: Project, manager: User, waves: list[Cohort]
) -> None:
    message = written(project, manager)
    message.occurrences.filter(cohort=waves[0]).update(state=OccurrenceState.DONE)
    edit_message(message=message, **TEXT, rule=changed(offset_days=-3), acting_user=manager)
    assert sendings(message) == [("Wave 1", "done", -7), ("Wave 2", "planned", -3)]
    assert message.revision == 2


def test_another_audience_needs_approval_again(
    project: Project, manager: User, waves: list[Cohort]
) -> None:
    message = written(project, manager)
    for row in message.occurrences.all():
        approve_occurrence(occurrence=row, acting_user=manager)
    edit_message(message=message, **TEXT, rule=changed(offset_days=-2), acting_user=manager)
    assert {state for _name, state, _days in sendings(message)} == {"approved"}
    pilots = changed(offset_days=-2, cohort_kind="pilot")
    edit_message(message=message, **TEXT, rule=pilots, acting_user=manager)
    assert sendings(message) == [
        ("Pilot", "planned", -2),
        ("Wave 1", "cancelled", -2),
        ("Wave 2", "cancelled", -2),
    ]


def test_the_same_again_changes_nothing(
    project: Project, manager: User, waves: list[Cohort]
) -> None:
    message = written(project, manager)
    events = project.events.count()
    edit_message(message=message, **TEXT, rule=RULE, acting_user=manager)
    assert (message.revision, project.events.count()) == (1, events)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule": changed(cohort_kind="", audience_kind="everyone")},
        {"rule": changed(cohort_kind="")},
        {"body": "{salary}"},
        {"subject": "two\nlines"},
        {"rule": changed(audience_kind="everyone", cohort_kind="", anchor="project_start")},
    ],
)
def test_what_could_never_be_sent_is_refused(
    project: Project, manager: User, waves: list[Cohort], wrong: dict[str, Any]
) -> None:
    with pytest.raises(ContentRefused):
        written(project, manager, **wrong)
    assert (Message.objects.count(), Occurrence.objects.count()) == (0, 0)


def test_of_two_who_edit_at_once_the_second_is_told(
    project: Project, manager: User, waves: list[Cohort]
) -> None:
    message = written(project, manager)
    other = Message.objects.get(pk=message.pk)
    edit_message(message=other, **TEXT, rule=changed(offset_days=-1), acting_user=manager)
    with pytest.raises(StaleState):
        edit_message(message=message, **TEXT, rule=changed(offset_days=-5), acting_user=manager)
    assert Message.objects.get().offset_days == -1


# ---- pages


@pytest.fixture
def signed_in(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def test_the_page_adds_a_message(signed_in: Client, project: Project, waves: list[Cohort]) -> None:
    url = reverse("communications:message_new", args=[project.slug])
    assert signed_in.get(url).status_code == 200
    response = signed_in.post(url, FORM)
    message = Message.objects.get()
    assert response.url == reverse("communications:message_detail", args=[project.slug, message.pk])
    assert (rule_of(message), message.body) == (RULE, TEXT["body"])


def test_what_was_typed_is_kept_beside_the_sentence(
    signed_in: Client, project: Project, waves: list[Cohort]
) -> None:
    url = reverse("communications:message_new", args=[project.slug])
    response = signed_in.post(url, FORM | {"body": "Dear {salary}, read on"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "{salary} has no value in this message." in page
    assert "Dear {salary}, read on</textarea>" in page
    response = signed_in.post(url, FORM | {"audience": "everyone"})
    assert response.context["form"].errors == {
        "anchor": ["That day belongs to a cohort. Choose a day of the project."]
    }


def test_a_copy_begins_as_the_other_and_is_a_message_of_its_own(
    signed_in: Client, project: Project, manager: User, waves: list[Cohort]
) -> None:
    message = written(project, manager)
    url = reverse("communications:message_copy", args=[project.slug, message.pk])
    form = signed_in.get(url).context["form"]
    assert (form["title"].value(), form["body"].value()) == ("One week left (copy)", TEXT["body"])
    assert Message.objects.count() == 1


def test_a_message_of_a_survey_keeps_its_audience(signed_in: Client, project: Project) -> None:
    message = MessageFactory(project=project, audience_kind="survey_invited")
    url = reverse("communications:message_edit", args=[project.slug, message.pk])
    assert "audience" not in signed_in.get(url).context["form"].fields
    assert signed_in.post(url, TEXT | {"body": "Hi", "revision": "1"}).status_code == 302
    message.refresh_from_db()
    assert (message.audience_kind, message.body) == ("survey_invited", "Hi")


def test_the_preview_shows_the_mail_of_whoever_it_breaks_at_and_saves_nothing(
    signed_in: Client, project: Project, waves: list[Cohort]
) -> None:
    for name, language in (("Al", "en"), ("Anastasia Featherstonehaugh", "en"), ("Bo", "de")):
        MembershipFactory(
            cohort=waves[0],
            participant__project=project,
            participant__display_name=name,
            participant__language=language,
            participant__department="IT",
            participant__country="DE",
            participant__office="" if name == "Bo" else "HQ",
        )
    url = reverse("communications:message_preview", args=[project.slug])
    shown = {
        sample: [
            name
            for name in ("Al", "Anastasia Featherstonehaugh", "Bo")
            if f"To {name}, subject"
            in signed_in.post(url, FORM | {"sample": sample}).content.decode()
        ]
        for sample in ("first", "longest", "missing", "language")
    }
    assert shown == {
        "first": ["Al"],
        "longest": ["Anastasia Featherstonehaugh"],
        "missing": ["Bo"],
        "language": ["Bo"],
    }
    assert (Message.objects.count(), Occurrence.objects.count()) == (0, 0)


def test_a_preview_that_cannot_be_says_why(
    signed_in: Client, project: Project, waves: list[Cohort]
) -> None:
    url = reverse("communications:message_preview", args=[project.slug])
    nobody = signed_in.post(url, FORM)
    assert (nobody.status_code, "Nobody is in this audience yet" in nobody.content.decode()) == (
        422,
        True,
    )
    bad = signed_in.post(url, FORM | {"body": "<script>{salary}</script>"})
    assert (bad.status_code, b"<script>" in bad.content) == (422, False)


def test_the_preview_of_stakeholders_needs_no_facts(signed_in: Client, project: Project) -> None:
    StakeholderFactory(project=project, name="Aa Sponsor")
    url = reverse("communications:message_preview", args=[project.slug])
    data = FORM | {"audience": "stakeholders", "anchor": "project_start", "body": "{person_name}"}
    data["sample"] = "missing"
    assert "Aa Sponsor" in signed_in.post(url, data).content.decode()


def test_the_line_above_the_preview_names_the_subject_as_it_arrives(
    signed_in: Client, project: Project, waves: list[Cohort]
) -> None:
    MembershipFactory(
        cohort=waves[0],
        participant__project=project,
        participant__display_name="Ann {switch_date}",
        participant__language="en",
    )
    url = reverse("communications:message_preview", args=[project.slug])
    data = FORM | {"subject": "{person_name}, {cohort_name} moves", "sample": "first"}
    shown = signed_in.post(url, data).content.decode()
    assert "To Ann {switch_date}, subject “Ann {switch_date}, Wave 1 moves”" in shown


@pytest.mark.parametrize("channel", ["banner", "poster", "teams"])
def test_what_is_for_nobody_in_particular_is_previewed_without_a_person(
    signed_in: Client, project: Project, waves: list[Cohort], channel: str
) -> None:
    at_home = TeamsChannelFactory(project=project)
    url = reverse("communications:message_preview", args=[project.slug])
    data = FORM | {
        "channel": channel,
        "channels": [str(at_home.pk)],
        "subject": "{cohort_name} moves",
        "body": "On {switch_date}.",
    }
    shown = signed_in.post(url, data)
    page = shown.content.decode()
    assert (shown.status_code, "Wave 1 moves" in page, "{" in page) == (200, True, False)
    for_a_person = signed_in.post(url, data | {"body": "Hello {person_name}"})
    assert for_a_person.status_code == 422
