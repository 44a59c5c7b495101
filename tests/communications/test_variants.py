"""Everybody gets one mail, in the language they read; nothing is lost between the languages."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from cohorts.models import Participant
from common.exceptions import StaleState
from communications.enums import OccurrenceState
from communications.exceptions import ContentRefused
from communications.languages import choose, is_read, name, tag
from communications.models import Delivery, Message, MessageVariant, Occurrence
from communications.queries.audience import recipients
from communications.queries.languages import languages_of, languages_of_occurrence
from communications.rendering import RenderedMail, read_mail
from communications.services.approval import approve_occurrence
from communications.services.authoring import edit_message, write_message
from communications.services.content import content_for, values_for
from communications.services.messages import update_message
from communications.services.pipeline.house import keep_house
from communications.services.variants import remove_variant, save_variant
from projects.models import Project
from tests.communications.pipeline import due_occurrence, run_worker
from tests.communications.sink import Sink
from tests.communications.test_authoring import RULE, TEXT, changed
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory

OWN = {"subject": "Hello {person_name}", "body": "You move on {switch_date}."}
GERMAN = {"subject": "Guten Tag {person_name}", "body": "Sie wechseln am {switch_date}."}


# ---- which of several texts


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("de", "de"),
        ("de_AT", "de-at"),
        (" DE-at ", "de-at"),
        ("zh-Hant-TW", "zh-hant-tw"),
        ("zh-TW", "zh-hant"),
        ("no", "nb"),
        ("no-NO", "nb-no"),
        ("German", ""),
        ("", ""),
        ("d", ""),
        ("de\x00", ""),
        ("<b>", ""),
        ("de-" + "x" * 40, ""),
    ],
)
def test_a_tag_is_what_a_roster_says(words: str, expected: str) -> None:
    assert tag(words) == expected


@pytest.mark.parametrize(
    ("reader", "offered", "expected"),
    [
        ("de", ["de"], "de"),
        ("de-AT", ["de", "de-at"], "de-at"),
        ("de-AT", ["de"], "de"),
        ("de", ["de-at", "fr"], "de-at"),
        ("de-CH", ["de-at", "de-de"], "de-at"),
        ("zh-TW", ["zh-hans", "zh-hant"], "zh-hant"),
        ("zh-Hant-TW", ["zh-hans", "zh-hant"], "zh-hant"),
        ("no", ["nb"], "nb"),
        ("en", ["en-us"], ""),
        ("en-US", ["en-us"], "en-us"),
        ("en-AU", ["en-us"], ""),
        ("fr", ["de"], ""),
        ("", ["de"], ""),
        ("Deutsch", ["de"], ""),
    ],
)
def test_the_nearest_text_is_chosen(reader: str, offered: list[str], expected: str) -> None:
    assert choose(reader, offered, "en-gb") == expected


def test_languages_have_words() -> None:
    assert [name(one) for one in ("de", "de-at", "gsw-ch", "en-gb")] == [
        "German",
        "German (AT)",
        "gsw-ch",
        "British English",
    ]
    assert (is_read("de-AT", "de"), is_read("fr", "de"), is_read("", "de")) == (True, False, True)


# ---- writing


@pytest.fixture
def message(project: Project) -> Message:
    return MessageFactory(project=project, **OWN)


def written(message: Message, acting_user: User, language: str = "de", **changes: Any) -> Any:
    text = {**GERMAN, **changes}
    return save_variant(message=message, language=language, **text, acting_user=acting_user)


@pytest.mark.django_db
def test_a_language_is_a_new_revision(message: Message, manager: User) -> None:
    written(message, manager, "DE_at")
    assert message.revision == 2
    assert list(MessageVariant.objects.values_list("language", "subject", "is_behind")) == [
        ("de-at", GERMAN["subject"], False)
    ]
    event = message.project.events.latest("pk")
    assert (event.verb, event.sentence) == (
        "message.language_saved",
        f"Message “{message.title}” is now revision 2: its text in German (AT) was written.",
    )
    written(message, manager, "de-at", body="Neu: {switch_date}")
    assert (message.revision, MessageVariant.objects.get().body) == (3, "Neu: {switch_date}")
    remove_variant(message=message, language="de-at", acting_user=manager)
    assert (message.revision, MessageVariant.objects.count()) == (4, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"body": "Sie wechseln."}, "names {switch_date}; this one does not."),
        ({"body": "{switch_date} {salary}"}, "{salary} has no value in this message."),
        ({"body": "{switch_date} {person.__class__}"}, "{person.__class__} has no value"),
        ({"subject": "zwei\nZeilen {person_name}"}, "The subject is one line"),
        ({"short_subject": "Nur das"}, "A message needs a subject and a text."),
        ({"language": "en-GB"}, "own text is in British English already."),
        ({"language": "Klingonisch"}, "Choose a language."),
    ],
)
def test_what_is_lost_or_unknown_is_found_when_it_is_saved(
    message: Message, manager: User, changes: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ContentRefused, match=r"\S") as refused:
        written(message, manager, **changes)
    assert sentence in str(refused.value)
    assert (MessageVariant.objects.count(), Message.objects.get().revision) == (0, 1)


@pytest.mark.django_db
def test_a_lost_link_is_named(project: Project, manager: User) -> None:
    message = MessageFactory(project=project, subject="S", body="[Yours]({my_upgrade_link})")
    with pytest.raises(ContentRefused) as refused:
        written(message, manager, subject="S", body="Ihre Seite")
    assert str(refused.value) == (
        "The link {my_upgrade_link} of the message's own text is missing here."
    )


@pytest.mark.django_db
def test_of_two_who_write_at_once_the_second_is_told(message: Message, manager: User) -> None:
    other = Message.objects.get(pk=message.pk)
    written(other, manager)
    with pytest.raises(StaleState):
        written(message, manager, "fr")
    with pytest.raises(StaleState):
        remove_variant(message=message, language="de", acting_user=manager)
    assert [v.language for v in MessageVariant.objects.all()] == ["de"]


@pytest.mark.django_db
def test_a_new_own_text_leaves_the_others_behind_until_somebody_looks(
    message: Message, manager: User
) -> None:
    written(message, manager)
    update_message(message=message, title="T", acting_user=manager, **OWN)
    assert MessageVariant.objects.get().is_behind is False
    update_message(message=message, title="T", subject="New", body="B", acting_user=manager)
    assert MessageVariant.objects.get().is_behind is True
    revision = message.revision
    written(message, manager)
    assert (MessageVariant.objects.get().is_behind, message.revision) == (False, revision)

    seen = Message.objects.get()
    for subject in ("Newer", "Newest"):
        update_message(message=message, title="T", subject=subject, body="B", acting_user=manager)
    with pytest.raises(StaleState):
        written(seen, manager)  # whoever looked at "New" does not know of "Newest"
    assert MessageVariant.objects.get().is_behind is True


@pytest.mark.django_db
def test_a_rule_that_takes_a_value_away_names_the_language(project: Project, manager: User) -> None:
    CohortFactory(project=project)
    text = {"title": "T", "subject": "S", "body": "Hello"}
    message = write_message(project=project, **text, rule=RULE, acting_user=manager)
    written(message, manager, subject="S", body="Am {switch_date}")
    everybody = changed(audience_kind="everyone", cohort_kind="", anchor="project_start")
    with pytest.raises(ContentRefused) as refused:
        edit_message(message=message, **text, rule=everybody, acting_user=manager)
    assert str(refused.value).startswith("German: {switch_date} has no value in this message.")
    assert Message.objects.get().audience_kind == "cohort"


@pytest.mark.django_db
def test_an_approval_stays_as_with_the_own_text(project: Project, manager: User) -> None:
    CohortFactory(project=project)
    message = write_message(project=project, **TEXT, rule=RULE, acting_user=manager)
    occurrence = message.occurrences.get()
    approve_occurrence(occurrence=occurrence, acting_user=manager)
    written(message, manager, body="{person_name}: {switch_date}")
    occurrence.refresh_from_db()
    assert occurrence.state == OccurrenceState.APPROVED


@pytest.mark.django_db
def test_a_copy_takes_the_languages_that_fit(project: Project, manager: User) -> None:
    CohortFactory(project=project)
    message = write_message(project=project, **TEXT, rule=RULE, acting_user=manager)
    written(message, manager, body="{person_name}: {switch_date}")
    written(message, manager, "fr", subject="{person_name}", body="Le {switch_date}")
    copy = write_message(
        project=project, **TEXT, rule=RULE, acting_user=manager, copied_from=message
    )
    assert list(copy.variants.values_list("language", "is_behind")) == [
        ("de", False),
        ("fr", False),
    ]
    everybody = changed(audience_kind="everyone", cohort_kind="", anchor="project_start")
    other = write_message(
        project=project,
        title="T",
        subject="S",
        body="B",
        rule=everybody,
        acting_user=manager,
        copied_from=message,
    )
    assert list(other.variants.all()) == []


# ---- who reads what


@pytest.fixture
def occurrence(message: Message) -> Occurrence:
    return OccurrenceFactory(message=message)


def reader(occurrence: Occurrence, language: str, number: int = 1) -> list[Participant]:
    return [
        MembershipFactory(
            cohort=occurrence.cohort,
            participant__project=occurrence.project,
            participant__language=language,
        ).participant
        for _ in range(number)
    ]


@pytest.mark.django_db
def test_the_page_says_who_reads_what(
    occurrence: Occurrence, manager: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    message = occurrence.message
    written(message, manager)
    for language, number in (("de", 1), ("de-AT", 2), ("fr-CA", 2), ("FR", 1), ("", 1), ("en", 2)):
        reader(occurrence, language, number)
    update_message(
        message=message,
        title="T",
        subject="{person_name} {help_contact}",
        body="{switch_date}",
        acting_user=manager,
    )
    with django_assert_num_queries(4):
        found = [languages_of(message), languages_of_occurrence(occurrence, now())]
    for languages in found:
        assert [
            (row.name, row.people, row.unknown, row.has_text, row.missing) for row in languages.rows
        ] == [
            ("British English", 3, 1, True, ()),
            ("German", 3, 0, True, ("help_contact",)),
            ("French", 3, 0, False, ()),
        ]
        assert [row.language for row in languages.to_look_at] == ["de"]


# ---- sending


def as_read(mail: RenderedMail) -> tuple[str, str, str]:
    """Its first word, its date in both parts, and the language its frame names."""
    german, english = "Dienstag, 1. Juni 2038", "Tuesday 1 June 2038"
    [day] = [day for day in (german, english) if day in mail.html and day in mail.text]
    return mail.subject.split()[0], day, mail.html.partition('lang="')[2].partition('"')[0]


@pytest.mark.django_db
def test_each_gets_the_text_and_the_date_of_their_language(sink: Sink, manager: User) -> None:
    occurrence = due_occurrence(
        **{f"message__{k}": v for k, v in OWN.items()}, cohort__switch_on=date(2038, 6, 1)
    )
    written(occurrence.message, manager)
    written(
        occurrence.message,
        manager,
        "de-at",
        subject="Servus {person_name}",
        body="Am {switch_date}.",
    )
    people = {
        language: reader(occurrence, language)[0]
        for language in ("de", "de-AT", "de_CH", "fr", "", "en-US", "nonsense!")
    }
    assert run_worker() == {"sent": 7}
    mails = {mail.recipient: read_mail(mail.raw.encode()) for mail in sink.mails}
    german, english = "Dienstag, 1. Juni 2038", "Tuesday 1 June 2038"
    told = {language: as_read(mails[person.upn]) for language, person in people.items()}
    assert told == {
        "de": ("Guten", german, "de"),
        "de-AT": ("Servus", german, "de-at"),
        "de_CH": ("Guten", german, "de"),
        "fr": ("Hello", english, "en-gb"),
        "": ("Hello", english, "en-gb"),
        "en-US": ("Hello", english, "en-gb"),
        "nonsense!": ("Hello", english, "en-gb"),
    }
    recorded = dict(Delivery.objects.values_list("participant__language", "language"))
    assert recorded == {
        **dict.fromkeys(people, ""),
        "de": "de",
        "de-AT": "de-at",
        "de_CH": "de",
    }
    assert set(Delivery.objects.values_list("content_revision", flat=True)) == {3}


@pytest.mark.django_db
def test_an_edit_between_two_mails_reaches_the_rest_and_is_recorded(
    sink: Sink, manager: User
) -> None:
    occurrence = due_occurrence(**{f"message__{k}": v for k, v in OWN.items()})
    written(occurrence.message, manager)
    first, second = reader(occurrence, "de", 2)
    keep_house()
    rows = Delivery.objects.filter(participant=second)
    assert rows.update(not_before=now() + timedelta(hours=1)) == 1
    run_worker()
    written(occurrence.message, manager, subject="Neu {person_name}")
    rows.update(not_before=now())
    run_worker()
    assert [(m.recipient, read_mail(m.raw.encode()).subject.split()[0]) for m in sink.mails] == [
        (first.upn, "Guten"),
        (second.upn, "Neu"),
    ]
    ledger = Delivery.objects.order_by("sent_at")
    assert list(ledger.values_list("content_revision", "language", "state")) == [
        (2, "de", "sent"),
        (3, "de", "sent"),
    ]


@pytest.mark.django_db
def test_hostile_names_are_harmless_in_every_language(sink: Sink, manager: User) -> None:
    occurrence = due_occurrence(**{f"message__{k}": v for k, v in OWN.items()})
    written(occurrence.message, manager, body="**{person_name}** am {switch_date}")
    [person] = reader(occurrence, "de")
    hostile = "<script>x</script>\u202e{switch_date}\r\nBcc: a@b.example"
    Participant.objects.filter(pk=person.pk).update(display_name=hostile)
    assert run_worker() == {"sent": 1}
    [raw] = [mail.raw.encode() for mail in sink.mails]
    mail = read_mail(raw)
    assert ("&lt;script&gt;x&lt;/script&gt;" in mail.html, "<script>" in mail.html) == (True, False)
    assert mail.subject == "Guten Tag " + hostile.replace("\r\n", " ")
    assert b"\nBcc:" not in raw


@pytest.mark.django_db
def test_texts_and_revision_are_read_together(
    occurrence: Occurrence, manager: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Two queries however many languages there are, and as many for their values."""
    for language in ("de", "fr", "it"):
        written(occurrence.message, manager, language)
    people = recipients([reader(occurrence, one)[0] for one in ("de", "fr", "it", "es")])
    with django_assert_num_queries(2):
        content = content_for(occurrence)
        values_for(occurrence, people, content)
    assert [content.part_for(one).text.language for one in people] == ["de", "fr", "it", ""]
