"""Mails that we write ourselves reach everybody in a language that they read."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort, Participant
from cohorts.switching import SwitchDates, dates_of
from communications.completeness import gaps
from communications.correction_text import CorrectionText, is_usual, moved_text, usual_text
from communications.models import Message, MessageVariant, Occurrence
from communications.queries.audience import recipients
from communications.queries.texts import usual_languages
from communications.rendering import RenderedMail
from communications.services.content import preview
from communications.services.pipeline.clock import database_now
from communications.services.text import allowed_placeholders, refuse_bad_text
from projects.models import Project
from rollout.queries.reschedule import plan_reschedule
from rollout.services.moves import enter_deferral
from rollout.services.reschedule import apply_reschedule
from tests.catalogues import sources
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import (
    DeliveryFactory,
    MessageFactory,
    OccurrenceFactory,
    VariantFactory,
)

LANGUAGES = [source.parent.parent.name for source in sources()]
OLD = SwitchDates(switch_on=date(2050, 1, 3), switch_time=None, timezone="UTC", ends_on=None)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_no_translation_loses_or_adds_a_placeholder(locale: str) -> None:
    english = [usual_text(OLD), moved_text()]
    with translation.override(translation.to_language(locale)):
        theirs = [usual_text(OLD), moved_text()]
    for ours, other in zip(english, theirs, strict=True):
        mine, said = (f"{text.subject}\n{text.body}" for text in (ours, other))
        assert (gaps(mine, said), gaps(said, mine)) == ((), ())
        assert mine != said
        assert "\n" not in other.subject
        assert other.body.count("**") == 2
        assert ("]({my_upgrade_link})" in ours.body) == ("]({my_upgrade_link})" in other.body)


def test_how_lines_end_makes_no_other_text() -> None:
    usual = usual_text(OLD)
    typed = CorrectionText(usual.subject, usual.body.strip().replace("\n", "\r\n"))
    other = CorrectionText(usual.subject, usual.body.replace("glad", "happy"))
    assert (is_usual(typed, OLD), is_usual(other, OLD)) == (True, False)
    assert is_usual(usual, dates_of(Cohort(switch_on=date(2050, 1, 4)))) is False


# ---- in a project


@pytest.fixture
def announcement(project: Project) -> Message:
    """German and Swahili beside English; another message has a French text."""
    message = MessageFactory(project=project, has_calendar=True)
    for language in ("de", "sw", "en-us"):
        VariantFactory(message=message, language=language)
    MessageFactory(project=project, language="fr")
    VariantFactory(language="it")  # of another project
    return message


@pytest.fixture
def wave(project: Project) -> Cohort:
    return CohortFactory(
        project=project,
        name="Wave 1",
        switch_on=date(2050, 1, 3),
        ends_on=date(2050, 1, 17),
        timezone="Europe/Berlin",
    )


@pytest.fixture
def told(wave: Cohort, announcement: Message) -> dict[str, Participant]:
    """One person for each language, who knows the date."""
    occurrence = OccurrenceFactory(message=announcement, cohort=wave, state="done")
    people = {}
    for language in ("de-AT", "fr", "sw", ""):
        person = MembershipFactory(
            cohort=wave, participant__display_name="Uwe", participant__language=language
        ).participant
        DeliveryFactory(
            occurrence=occurrence, participant=person, state="sent", sent_at=now() - timedelta(1)
        )
        people[language] = person
    return people


def read_by(person: Participant, occurrence: Occurrence) -> RenderedMail:
    [reader] = recipients([person])
    return preview(occurrence, reader)


def languages_of(occurrence: Occurrence) -> list[str]:
    rows = MessageVariant.objects.filter(message=occurrence.message)
    return list(rows.order_by("language").values_list("language", flat=True))


@pytest.mark.django_db
def test_the_languages_are_those_of_the_project_that_we_have_words_for(
    announcement: Message, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert usual_languages(announcement.project_id) == ("de", "fr")


@pytest.mark.django_db
def test_who_moves_hears_it_in_their_language(
    project: Project, told: dict[str, Participant], manager: User
) -> None:
    later = CohortFactory(
        project=project,
        name="Wave 2",
        switch_on=date(2050, 2, 1),
        ends_on=date(2050, 2, 15),
        timezone="Europe/Berlin",
    )
    enter_deferral(
        participant=told["de-AT"],
        reason="At sea.",
        until=date(2050, 12, 31),
        to_cohort=later,
        note="",
        acting_user=manager,
        at=now(),
    )
    occurrence = Occurrence.objects.get(cohort=later)
    refuse_bad_text(
        occurrence.message,
        *MessageVariant.objects.filter(message=occurrence.message, language="de").values_list(
            "subject", "body"
        )[0],
    )
    assert "my_upgrade_link" in allowed_placeholders(occurrence.message)
    assert languages_of(occurrence) == ["de", "fr"]
    mail = read_by(told["de-AT"], occurrence)
    assert mail.subject == "Ihr neuer Termin: Dienstag, 1. Februar 2050"
    head, foot = "Guten Tag Uwe,\n\nfür Ihre Umstellung", "beteiligt sind.\n"
    assert (mail.text[: len(head)], mail.text[-len(foot) :]) == (head, foot)
    assert "Umstellung von Wave 2" in mail.calendar
    assert read_by(told["sw"], occurrence).text.startswith("Hello Uwe,\n\nyou have a new date")


@pytest.mark.django_db
def test_a_correction_in_the_usual_words_is_in_their_languages(
    wave: Cohort, told: dict[str, Participant], manager: User
) -> None:
    mails = moved(wave, told, manager)
    was = "Montag, 3. Januar 2050"
    assert mails["de-AT"].subject == "Neuer Termin für Wave 1: Montag, 24. Januar 2050"
    assert f"(bisher: {was})" in mails["de-AT"].text
    assert "(auparavant\u00a0: lundi 3 janvier 2050)" in mails["fr"].text
    assert mails["sw"].text == mails[""].text
    assert "no longer on Monday 3 January 2050" in mails[""].text


@pytest.mark.django_db
def test_a_correction_that_somebody_wrote_is_for_all(
    wave: Cohort, told: dict[str, Participant], manager: User
) -> None:
    text = CorrectionText("Now {switch_date}", "Sorry, {person_name}.")
    mails = moved(wave, told, manager, text)
    assert {mail.text.partition("\n")[0] for mail in mails.values()} == {"Sorry, Uwe."}


def moved(
    wave: Cohort,
    told: dict[str, Participant],
    manager: User,
    text: CorrectionText | None = None,
) -> dict[str, RenderedMail]:
    """{language: the correction} after a move by three weeks."""
    dates = SwitchDates(date(2050, 1, 24), wave.switch_time, wave.timezone, date(2050, 2, 7))
    plan = plan_reschedule(cohort=wave, new=dates, at=database_now())
    assert plan.language_names == "German, French"
    done = apply_reschedule(
        cohort=wave, new=dates, acting_user=manager, seen_digest=plan.digest, text=text
    )
    assert done.correction is not None
    found = Occurrence.objects.get(pk=done.correction.pk)
    assert languages_of(found) == ([] if text else ["de", "fr"])
    return {language: read_by(person, found) for language, person in told.items()}


@pytest.mark.django_db
def test_the_page_says_in_which_languages_it_goes_out(
    client: Client, manager: User, wave: Cohort, told: dict[str, Participant]
) -> None:
    client.force_login(manager)
    form = {
        "switch_on": "2050-01-24",
        "switch_time": "18:00",
        "timezone": "Europe/Berlin",
        "ends_on": "",
    }
    url = reverse("rollout:cohort_reschedule", args=[wave.project.slug, wave.pk])
    sentence = "it also goes out in the languages of your other messages: German, French."
    assert sentence in client.post(url, form).content.decode()
    MessageVariant.objects.all().delete()
    Message.objects.update(language="")
    assert "languages of your other messages" not in client.post(url, form).content.decode()
