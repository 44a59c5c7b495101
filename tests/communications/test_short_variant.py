"""Who joins late gets the short text where the message says so, in their language, once."""

from typing import Any

import pytest
from django.core import mail as outbox
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts.models import User
from communications.enums import LatePolicy, OccurrenceState
from communications.exceptions import ContentRefused
from communications.models import Delivery, Message, MessageVariant, Occurrence
from communications.queries.audience import recipients
from communications.queries.dated import names_date
from communications.queries.languages import languages_of
from communications.rendering import read_mail
from communications.services.authoring import edit_message, write_message
from communications.services.catching_up import catch_up
from communications.services.messages import update_message
from communications.services.trial import send_test
from communications.services.variants import save_variant
from projects.models import Project
from tests.communications.pipeline import due_occurrence, run_worker
from tests.communications.sink import Sink
from tests.communications.test_authoring import TEXT, changed
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory, VariantFactory

pytestmark = pytest.mark.django_db
SHORT = {"short_subject": "In short", "short_body": "You move on {switch_date}."}


def joins(occurrence: Occurrence, language: str) -> str:
    """Somebody new in the cohort; where their mail goes."""
    person = MembershipFactory(cohort=occurrence.cohort, participant__language=language).participant
    return person.upn


def subjects(sink: Sink) -> dict[str, str]:
    return {one.recipient: read_mail(one.raw.encode()).subject for one in sink.mails}


def in_two_languages(**changes: Any) -> Occurrence:
    """Due, in English and German, both with a short text."""
    columns = {"subject": "At length", "late_policy": LatePolicy.SHORT, **SHORT, **changes}
    occurrence = due_occurrence(**{f"message__{name}": what for name, what in columns.items()})
    VariantFactory(
        message=occurrence.message,
        subject="In aller Länge",
        short_subject="In Kürze",
        short_body="{switch_date}",
    )
    VariantFactory(message=occurrence.message, language="fr", subject="En détail")
    return occurrence


def test_who_joins_late_reads_the_short_text_of_their_language(sink: Sink) -> None:
    occurrence = in_two_languages()
    early = {joins(occurrence, one): one for one in ("en", "de", "fr")}
    run_worker()
    late = {joins(occurrence, one): one for one in ("en", "de", "de-AT", "fr")}
    assert catch_up(at=now()) == 1
    run_worker()
    found = subjects(sink)
    assert [found[to] for to in early] == ["At length", "In aller Länge", "En détail"]
    # In French there is no short text, so they get the message's own.
    assert [found[to] for to in late] == ["In short", "In Kürze", "In Kürze", "In short"]
    assert len(sink.mails) == 7
    ledger = Delivery.objects.order_by("pk").values_list("address", "is_short", "language")
    assert list(ledger) == [
        *((to, False, {"en": ""}.get(one, one)) for to, one in early.items()),
        *((to, True, {"de": "de", "de-AT": "de"}.get(one, "")) for to, one in late.items()),
    ]
    assert catch_up(at=now()) == 0
    occurrence.refresh_from_db()
    assert occurrence.state == OccurrenceState.DONE


def test_the_usual_text_stays_where_latecomers_get_all_of_it(sink: Sink) -> None:
    occurrence = in_two_languages(late_policy=LatePolicy.SEND)
    joins(occurrence, "en")
    run_worker()
    to = joins(occurrence, "de")
    catch_up(at=now())
    run_worker()
    assert subjects(sink)[to] == "In aller Länge"
    assert set(Delivery.objects.values_list("is_short", flat=True)) == {False}


def test_a_message_cannot_promise_a_short_text_it_does_not_have(
    project: Project, manager: User
) -> None:
    CohortFactory(project=project)
    rule = changed(late_policy="short")
    with pytest.raises(ContentRefused, match="Write the short subject and the short text"):
        write_message(project=project, **TEXT, rule=rule, acting_user=manager)
    with pytest.raises(ContentRefused, match=r"Short text: \{salary\} has no value"):
        write_message(
            project=project,
            **TEXT,
            **(SHORT | {"short_body": "{salary}"}),
            rule=rule,
            acting_user=manager,
        )
    assert Message.objects.count() == 0
    with pytest.raises(IntegrityError, match="message_short_has_a_text"), transaction.atomic():
        MessageFactory(project=project, late_policy=LatePolicy.SHORT)


def test_the_short_text_is_a_revision_and_leaves_languages_behind(
    project: Project, manager: User
) -> None:
    CohortFactory(project=project)
    message = write_message(
        project=project, **TEXT, **SHORT, rule=changed(late_policy="short"), acting_user=manager
    )
    german = {"subject": "S", "body": "{person_name}: {switch_date}"}
    with pytest.raises(ContentRefused, match=r"own text names \{switch_date\}"):
        save_variant(
            message=message,
            language="de",
            **german,
            short_subject="Kurz",
            short_body="Bald",
            acting_user=manager,
        )
    save_variant(message=message, language="de", **german, acting_user=manager)
    [_own, row] = languages_of(message).rows
    assert (row.lacks_short, row.missing) == (True, ())
    new = SHORT | {"short_body": "On {switch_date}"}
    rule = changed(late_policy="short")
    edit_message(message=message, **TEXT, **new, rule=rule, acting_user=manager)
    assert (message.revision, MessageVariant.objects.get().is_behind) == (3, True)
    # Whoever sends the text alone keeps the short one.
    update_message(message=message, title="T", subject="S", body="B", acting_user=manager)
    assert (message.short_body, message.late_policy) == ("On {switch_date}", "short")


def test_a_test_comes_in_every_text_and_says_which(manager: User) -> None:
    occurrence = in_two_languages()
    [reader] = recipients([MembershipFactory(cohort=occurrence.cohort).participant])
    send_test(occurrence=occurrence, acting_user=manager, as_recipient=reader)
    found = [
        (one.subject, one.body.partition(", written")[0].rpartition("test ")[2])
        for one in outbox.outbox
    ]
    assert found == [
        ("[Test] At length", "in British English"),
        ("[Test] In aller Länge", "in German"),
        ("[Test] En détail", "in French"),
        ("[Test] In short", "of the short text in British English"),
        ("[Test] In Kürze", "of the short text in German"),
    ]
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize("where", ["own", "short", "german"])
def test_who_was_told_a_date_in_any_text_hears_of_a_new_one(where: str) -> None:
    body = {"body": "Soon", "short_body": "Soon"}
    if where != "german":
        body["body" if where == "own" else "short_body"] = "On {switch_date}"
    message = MessageFactory(subject="S", short_subject="S", **body)
    VariantFactory(message=message, language="fr", subject="S", body="Bientôt")
    if where == "german":
        VariantFactory(message=message, subject="S", body="Am {switch_date}")
    assert names_date(message) is True
    plain = MessageFactory(subject="S", body="Soon")
    VariantFactory(message=plain, subject="S", body="Bald")
    assert names_date(plain) is False
