"""A mail is in one language from its first word to its last, and says where it is not."""

import re
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.policy import default

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation
from icalendar import Calendar

from accounts.models import User
from communications import mail_words
from communications.languages import direction, known
from communications.models import Occurrence
from communications.queries.audience import recipients
from communications.rendering import RenderedMail, read_mail
from communications.services import cards
from communications.services.content import content_for, values_for
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import OccurrenceFactory, VariantFactory

AT = datetime(2038, 6, 1, 7, 30, tzinfo=UTC)
LINK = "https://site.example/u/abc/"
BODIES = {
    "de": "Guten Tag {person_name}, Sie wechseln am {switch_date}.",
    "ar": "مرحبًا {person_name}، موعدكم {switch_date}.",
    "sw": "Habari {person_name}, utahama {switch_date}.",
}
NASTY = "<b>Zoë</b> {switch_date}"


@pytest.fixture
def occurrence(project: Project) -> Occurrence:
    project.name, project.help_contact = "Move & <more>", "Help desk"
    project.save()
    cohort = CohortFactory(
        project=project,
        name="Wave 1",
        switch_on=date(2038, 6, 1),
        switch_time=time(18),
        timezone="Europe/Berlin",
    )
    found = OccurrenceFactory(
        message__project=project,
        message__has_calendar=True,
        message__is_mandatory=False,
        message__title="For planners only",
        message__subject="News for {person_name}",
        message__body="Hello {person_name}, you move on {switch_date}.",
        cohort=cohort,
    )
    for language, body in BODIES.items():
        VariantFactory(
            message=found.message, language=language, subject="S {person_name}", body=body
        )
    return found


def raw_for(occurrence: Occurrence, language: str) -> bytes:
    member = MembershipFactory(
        cohort=occurrence.cohort,
        participant__display_name=NASTY,
        participant__language=language,
    )
    readers = recipients([member.participant])
    content = content_for(occurrence)
    return content.part_for(readers[0]).skeleton.render(
        values=values_for(occurrence, readers, content)[readers[0].pk] | {"unsubscribe_link": LINK},
        to_name="",
        to_address="z@site.example",
        message_id="<1@site.example>",
        date=AT,
    )


def mail_for(occurrence: Occurrence, language: str) -> RenderedMail:
    return read_mail(raw_for(occurrence, language))


def bare(html: str) -> str:
    """Without style and the space between tags: what is said, and in which language."""
    plain = re.sub(r' style="[^"]*"', "", html)
    plain = re.sub(r'( dir="\w+")( lang="[\w-]+")', r"\2\1", plain)
    return re.sub(r">\s+<", "><", plain).strip()


HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>Move &amp; &lt;more&gt;</title>'
)
NAME = "&lt;b&gt;Zoë&lt;/b&gt; {switch_date}"


DE_REASON = "Sie erhalten diese E-Mail, weil Sie an „%s“ beteiligt sind."
AR_REASON = "تصلكم هذه الرسالة لأنكم مشاركون في «\u2068%s\u2069»."
EN_REASON = "You get this mail because you are part of “%s”."
DE_DAY, AR_DAY, SW_DAY = "Dienstag, 1. Juni 2038", "الثلاثاء، 1 يونيو 2038", "Jumanne, Juni 1, 2038"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "way", "text", "day", "words", "stop", "reason"),
    [
        (
            *("de", "ltr", BODIES["de"], DE_DAY),
            *("de", "Solche E-Mails abbestellen", DE_REASON),
        ),
        (*("ar", "rtl", BODIES["ar"], AR_DAY), *("ar", "إيقاف الرسائل المشابهة", AR_REASON)),
        (*("sw", "ltr", BODIES["sw"], SW_DAY), *("en", "Stop mails like this", EN_REASON)),
    ],
)
def test_a_mail_is_in_one_language_and_says_where_it_is_not(
    occurrence: Occurrence,
    *,
    language: str,
    way: str,
    text: str,
    day: str,
    words: str,
    stop: str,
    reason: str,
) -> None:
    mail = mail_for(occurrence, language)
    said = text.format(person_name=NASTY, switch_date=day)
    assert mail.text == (f"{said}\n\n{stop} <{LINK}>\n\n-- \n{reason % 'Move & <more>'}\n")
    shown = text.format(person_name=f"<bdi>{NAME}</bdi>", switch_date=f"<bdi>{day}</bdi>")
    ours = f'lang="{words}" dir="{way}"'
    assert bare(mail.html) == (
        f'<!DOCTYPE html><html lang="{language}" dir="{way}"><head>{HEAD}</head><body>'
        f'<div class="page"><div class="text" lang="{language}" dir="{way}"><p>{shown}</p></div>'
        f'<div class="text" {ours}><p><a href="{LINK}">{stop}</a></p></div>'
        f'<p class="foot" {ours}>{reason % "Move &amp; &lt;more&gt;"}</p></div></body></html>'
    )


@pytest.mark.django_db
def test_english_words_around_a_text_written_the_other_way_round(occurrence: Occurrence) -> None:
    VariantFactory(message=occurrence.message, language="fa", subject="S", body="سلام")
    html = bare(mail_for(occurrence, "fa").html)
    assert '<html lang="fa" dir="rtl">' in html
    assert '<div class="text" lang="fa" dir="rtl"><p>سلام</p>' in html
    assert f'<div class="text" lang="en" dir="ltr"><p><a href="{LINK}">Stop mails' in html
    assert '<p class="foot" lang="en" dir="ltr">You get this mail' in html


@pytest.mark.django_db
def test_only_words_differ_between_the_languages(occurrence: Occurrence) -> None:
    mails = [
        message_from_bytes(raw_for(occurrence, one), policy=default) for one in ("en", "de", "ar")
    ]
    heads = [dict(mail.items()) for mail in mails]
    for head in heads:
        del head["Subject"]
    assert heads[0] == heads[1] == heads[2]
    assert heads[0]["Message-ID"] == "<1@site.example>"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "title", "description"),
    [
        (
            "de",
            "Move & <more>: Umstellung von Wave 1",
            "Von diesem Zeitpunkt an arbeiten Sie auf die neue Weise.\nFragen: Help desk",
        ),
        (
            "ar",
            "انتقال Wave 1 – Move & <more>",
            "ابتداءً من هذه اللحظة تعملون بالطريقة الجديدة.\nللاستفسار: Help desk",
        ),
        (
            "sw",
            "Move & <more>: Wave 1 switches",
            "From this moment on you work in the new way.\nQuestions: Help desk",
        ),
    ],
)
def test_the_calendar_entry_is_in_it_too(
    occurrence: Occurrence, language: str, title: str, description: str
) -> None:
    entries = [
        Calendar.from_ical(mail_for(occurrence, one).calendar).walk("VEVENT")[0]
        for one in ("en", language)
    ]
    assert (str(entries[1]["SUMMARY"]), str(entries[1]["DESCRIPTION"])) == (title, description)
    for entry in entries:
        del entry["SUMMARY"], entry["DESCRIPTION"]
    assert entries[0].to_ical() == entries[1].to_ical()


@pytest.mark.django_db
def test_a_text_left_open_does_not_swallow_the_way_out(occurrence: Occurrence) -> None:
    occurrence.message.variants.filter(language="de").update(body="{person_name}\n\n```\noffen")
    mail = mail_for(occurrence, "de")
    assert f'<a href="{LINK}"' in mail.html
    assert mail.text.count(LINK) == 1


@pytest.mark.django_db
def test_a_card_has_its_facts_in_the_language_of_its_text(occurrence: Occurrence) -> None:
    occurrence.message.language, occurrence.message.body = "de", "Neues"
    occurrence.message.subject = "Neu"
    card = cards.card_of(occurrence.message, occurrence)
    assert card.facts == (
        ("Gruppe", "Wave 1"),
        ("Umstellung", "Dienstag, 1. Juni 2038, 18:00 CEST (Europe/Berlin)"),
        ("Personen", "0"),
    )


# ---- days

DAYS = {
    "en": "Tuesday 1 June 2038",
    "de-at": "Dienstag, 1. Juni 2038",
    "fr": "mardi 1 juin 2038",
    "es": "martes, 1 de junio de 2038",
    "es-mx": "martes, 1 de junio de 2038",
    "it": "martedì 1 giugno 2038",
    "pt": "terça-feira, 1 de junho de 2038",
    "pt-br": "terça-feira, 1 de junho de 2038",
    "nl": "dinsdag 1 juni 2038",
    "pl": "wtorek, 1 czerwca 2038",
    "cs": "úterý 1. června 2038",
    "da": "tirsdag den 1. juni 2038",
    "sv": "tisdag 1 juni 2038",
    "fi": "tiistai 1. kesäkuuta 2038",
    "nb": "tirsdag 1. juni 2038",
    "hu": "2038. június 1., kedd",
    "ro": "marți, 1 iunie 2038",
    "tr": "1 Haziran 2038 Salı",
    "el": "Τρίτη 1 Ιουνίου 2038",
    "uk": "вівторок, 1 червня 2038 р.",
    "ru": "вторник, 1 июня 2038 г.",
    "ja": "2038年6月1日（火曜日）",
    "zh-hans": "2038年6月1日星期二",
    "zh-hant": "2038年6月1日星期二",
    "ko": "2038년 6월 1일 화요일",
    "ar": "الثلاثاء، 1 يونيو 2038",
    "he": "יום שלישי, 1 ביוני 2038",
    "sw": "Jumanne, Juni 1, 2038",
    "sk": "utorok, 1. jún 2038",
}


def test_a_day_is_written_as_the_language_writes_it() -> None:
    found = {}
    for language in DAYS:
        with translation.override(known(language)):
            found[language] = mail_words.day_in_full(date(2038, 6, 1))
    assert found == DAYS


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", "rtl"),
        ("ar-eg", "rtl"),
        ("he", "rtl"),
        ("fa", "rtl"),
        ("ur-pk", "rtl"),
        ("uz-arab", "rtl"),
        ("az-arab-ir", "rtl"),
        ("sd-deva", "ltr"),
        ("de", "ltr"),
        ("zh-hant-tw", "ltr"),
        ("de-1996", "ltr"),
    ],
)
def test_which_way_a_language_is_written(language: str, expected: str) -> None:
    assert direction(language) == expected


def test_what_has_our_words() -> None:
    found = {
        one: mail_words.are_translated(one) for one in ("de-at", "en-us", "sw", "gsw", "pt-br")
    }
    assert found == {"de-at": True, "en-us": True, "sw": False, "gsw": False, "pt-br": True}


# ---- the interface stays English


@pytest.mark.django_db
def test_the_page_says_where_our_words_are_english(
    client: Client, manager: User, occurrence: Occurrence
) -> None:
    client.force_login(manager)
    url = reverse(
        "communications:message_detail", args=[occurrence.project.slug, occurrence.message_id]
    )
    page = client.get(url).content.decode()
    rows = re.findall(r"<tr role=\"row\">.*?</tr>", page, re.DOTALL)
    said = [
        name
        for name in ("Arabic", "British English", "German", "Swahili")
        for row in rows
        if f">{name}<" in row and "is in English." in row
    ]
    assert said == ["Swahili"]


@pytest.mark.django_db
def test_no_browser_turns_half_a_page_into_its_language(
    client: Client, manager: User, occurrence: Occurrence
) -> None:
    client.force_login(manager)
    project, message = occurrence.project, occurrence.message
    urls = [
        reverse("communications:message_list", args=[project.slug]),
        reverse("communications:message_detail", args=[project.slug, message.pk]),
        reverse("communications:occurrence_detail", args=[project.slug, occurrence.pk]),
    ]
    for url in urls:
        english = client.get(url)
        client.cookies["django_language"] = "de"
        german = client.get(url, headers={"accept-language": "de-DE,de;q=0.9,ar;q=0.5"})
        del client.cookies["django_language"]
        assert (german.status_code, german["Content-Language"]) == (200, "en-gb")
        assert without_tokens(german) == without_tokens(english)
        assert '<html lang="en' in german.content.decode()


def without_tokens(response: HttpResponse) -> str:
    return re.sub(
        r'(csrfmiddlewaretoken" value|X-CSRFToken&quot;: &quot;)[^>]*',
        "",
        response.content.decode(),
    )


@pytest.mark.django_db
def test_a_mail_leaves_no_language_behind(occurrence: Occurrence) -> None:
    before = translation.get_language()
    mail_for(occurrence, "ar")
    assert translation.get_language() == before


@pytest.mark.django_db
def test_a_text_may_be_typed_either_way(
    client: Client, manager: User, occurrence: Occurrence
) -> None:
    client.force_login(manager)
    args = [occurrence.project.slug, occurrence.message_id]
    forms = [
        client.get(reverse(f"communications:{name}", args=[*args, *more])).context["form"]
        for name, more in (("language_edit", ["ar"]), ("message_edit", []))
    ]
    for form in forms:
        texts = [name for name in form.fields if name.endswith(("subject", "body"))]
        assert {form.fields[name].widget.attrs["dir"] for name in texts} == {"auto"}
    assert len([name for name in forms[1].fields if name.endswith("body")]) == 2
