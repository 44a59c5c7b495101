"""One mail from text to bytes and back, with people whose names mean harm."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from communications.exceptions import RenderError
from communications.rendering import Skeleton, build_skeleton, problems, read_mail
from communications.rendering.frame import Frame
from communications.rendering.markdown import to_html, to_text
from communications.rendering.placeholders import allowed_names
from playbooks.placeholders import PERSON_PLACEHOLDERS, PLACEHOLDERS

AT = datetime(2038, 6, 1, 7, 30, tzinfo=UTC)
VALUES = {
    "person_name": "Anna",
    "survey_link": "https://site.example/s/abc/?a=1&b=2",
    "help_contact": "help@site.example",
}
# All of Unicode a database can hold; control characters are tested on their own.
NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029"),
    max_size=300,
)
SETTINGS = {
    "revision": 3,
    "subject": "For {person_name}",
    "body": "Hello **{person_name}**!",
    "from_name": "Henrik Österlöh",
    "from_address": "upgrade@site.example",
    "reply_to": ("Henrik", "henrik@site.example"),
}
FRAME = {
    "title": "Title",
    "footer": "Because you take part.",
    "language": "en-gb",
    "words": "en",
    "interface": "en-gb",
}


def skeleton(**changes: object) -> Skeleton:
    around = {name: changes.pop(name) for name in Frame.__slots__ if name in changes}
    return build_skeleton(**{**SETTINGS, **changes}, frame=Frame(**{**FRAME, **around}))


def render(mail: Skeleton, **values: str) -> bytes:
    return mail.render(
        values={**VALUES, **values},
        to_name=values.get("person_name", "Anna"),
        to_address="anna@site.example",
        message_id="<1@site.example>",
        date=AT,
    )


class Text(HTMLParser):
    """What a reader of the HTML part sees, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def between(self, start: str, end: str) -> str:
        seen = "".join(self.words)
        return seen[seen.index(start) + len(start) : seen.rindex(end)]


def test_mail_has_the_headers_and_both_parts() -> None:
    message = message_from_bytes(render(skeleton()), policy=default)
    headers = {name: str(value) for name, value in message.items()}
    assert headers == {
        "From": "Henrik Österlöh <upgrade@site.example>",
        "Reply-To": "Henrik <henrik@site.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "To": "Anna <anna@site.example>",
        "Subject": "For Anna",
        "Date": "Tue, 01 Jun 2038 07:30:00 +0000",
        "Message-ID": "<1@site.example>",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_upgrade-tracker"',
    }
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert read_mail(render(skeleton())).text == "Hello Anna!\n\n-- \nBecause you take part.\n"


@settings(deadline=None)
@given(name=NAMES)
@example(name="<script>alert(1)</script> & \"quoted\" 'single'")
@example(name="=?utf-8?b?SGk=?=")
@example(name="{person_name} zq0x0z **bold** [x](https://evil.example)")
@example(name="\u202eevil\u202c عربى 👩‍👩‍👧")
@example(name="A" * 5000)
@example(name=" leading and trailing ")
@example(name='line\\with\\backslash "and quotes"')
@example(name=".")
def test_any_name_comes_back_exactly(name: str) -> None:
    raw = render(skeleton(), person_name=name)
    mail = read_mail(raw)
    assert mail.subject.removeprefix("For ") == name
    assert mail.text == f"Hello {name}!\n\n-- \nBecause you take part.\n"
    seen = Text(mail.html)
    assert seen.between("Hello ", "!") == name
    assert "script" not in seen.tags
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    raw.decode("ascii")


@settings(deadline=None)
@given(name=st.text(st.characters(blacklist_categories=("Cs",)), max_size=100))
def test_no_name_adds_a_header(name: str) -> None:
    plain = message_from_bytes(render(skeleton()), policy=default)
    hostile = message_from_bytes(render(skeleton(), person_name=name), policy=default)
    assert hostile.keys() == plain.keys()
    assert hostile.defects == []


@settings(deadline=None)
@given(contact=NAMES)
@example(contact='<b>&"quoted"</b>')
@example(contact=".")
def test_what_everybody_reads_alike_may_be_joined_in_before(contact: str) -> None:
    body = "{person_name}: [ask](mailto:{help_contact}) {help_contact}, or open {survey_link}."
    mail = skeleton(subject="{help_contact} for {person_name}", body=body)
    shared = {"help_contact": contact, "survey_link": VALUES["survey_link"], "more": "unused"}
    for everybody in (mail.with_values(shared), mail.with_values(shared).with_values(shared)):
        assert everybody.names == {"person_name", "survey_link"}
        assert render(everybody) == render(mail, help_contact=contact)


@pytest.mark.parametrize("character", ["\r\n", "\n", "\r", "\x00", "\u2028", "\x85", "\t\x1b"])
def test_control_characters_become_one_space(character: str) -> None:
    mail = read_mail(render(skeleton(), person_name=f"Anna{character}Bcc: all@site.example"))
    assert mail.subject == "For Anna Bcc: all@site.example"
    assert mail.text.startswith("Hello Anna Bcc: all@site.example!")


def test_link_is_a_link_and_escaped_for_its_place() -> None:
    mail = read_mail(
        render(
            skeleton(
                body="Open {survey_link} or [answer]({survey_link}). [Mail](mailto:{help_contact})"
            )
        )
    )
    link = VALUES["survey_link"]
    assert Text(mail.html).links == [link, link, "mailto:help@site.example"]
    assert "?a=1&amp;b=2" in mail.html
    assert mail.text.startswith(
        f"Open {link} or answer <{link}>. Mail <mailto:help@site.example>\n"
    )


@pytest.mark.parametrize("link", ["javascript:alert(1)", "", "//evil.example", "data:text/html,x"])
def test_link_of_another_scheme_fails_this_row(link: str) -> None:
    mail = skeleton(body="Open {survey_link}")
    with pytest.raises(RenderError):
        render(mail, survey_link=link)


def test_missing_value_fails_this_row_and_names_it() -> None:
    mail = skeleton(body="You move on {switch_date}.")
    with pytest.raises(RenderError, match=re.escape("{switch_date}")):
        render(mail)


@pytest.mark.parametrize(
    "address",
    ["", "anna", "a@b, c@d", "jürgen@site.example", "a@b\r\nBcc: c@d", "a b@c.example", "<a@b.c>"],
)
def test_address_that_no_server_takes_fails_this_row(address: str) -> None:
    with pytest.raises(RenderError):
        skeleton().render(
            values=VALUES, to_name="Anna", to_address=address, message_id="<1@x>", date=AT
        )


def test_domain_is_written_in_its_ascii_form() -> None:
    raw = skeleton().render(
        values=VALUES, to_name="", to_address="anna@bücher.example", message_id="<1@x>", date=AT
    )
    assert b"To: <anna@xn--bcher-kva.example>\r\n" in raw


def test_extra_headers_are_plain_lines() -> None:
    mail = skeleton()
    extra = [("X-Occurrence", "7")]
    raw = mail.render(
        values=VALUES,
        to_name="",
        to_address="a@b.example",
        message_id="<1@x>",
        date=AT,
        extra_headers=extra,
    )
    assert b"\r\nX-Occurrence: 7\r\n" in raw
    with pytest.raises(RenderError):
        mail.render(
            values=VALUES,
            to_name="",
            to_address="a@b.example",
            message_id="<1@x>",
            date=AT,
            extra_headers=[("X-Occurrence", "7\r\nBcc: a@b")],
        )


def test_banner_stands_above_both_parts() -> None:
    mail = read_mail(render(skeleton(banner="This is a test.")))
    assert mail.text.startswith("This is a test.\n\nHello Anna!")
    assert Text(mail.html).between("Title", "Hello").strip() == "This is a test."


@pytest.mark.parametrize(
    "words", ["body-of-this-mail</div>", "below-the-body</div>", "zq0x0z", "zq0x1z {person_name}"]
)
def test_what_is_around_the_text_is_not_taken_for_it(words: str) -> None:
    around = {"title": words, "footer": words, "banner": words, "below": "[Stop]({survey_link})"}
    mail = read_mail(render(skeleton(**around)))
    link = VALUES["survey_link"]
    assert mail.text == f"{words}\n\nHello Anna!\n\nStop <{link}>\n\n-- \n{words}\n"
    seen = Text(mail.html)
    assert " ".join("".join(seen.words).split()) == f"{words} {words} Hello Anna! Stop {words}"
    assert seen.links == [link]


def test_title_and_footer_are_escaped() -> None:
    mail = read_mail(render(skeleton(title="<b>T</b>", footer="<i>F</i>")))
    assert {"b", "i"}.isdisjoint(Text(mail.html).tags)


def test_markdown_shows_html_as_text_and_knows_no_images() -> None:
    assert to_html("<script>x</script> ![a](https://x.example/a.png)") == (
        '<p>&lt;script&gt;x&lt;/script&gt; !<a href="https://x.example/a.png">a</a></p>\n'
    )
    assert to_html("[x](javascript:alert(1))") == "<p>[x](javascript:alert(1))</p>\n"


def test_plain_text_keeps_lists_and_quotes() -> None:
    source = (
        "# Head\n\nOne\ntwo  \nthree\n\n- a\n- b\n  1. c\n  2. d\n\n> said\n> so\n\n`code`\n\n---"
    )
    assert to_text(source) == (
        "Head\n\nOne two\nthree\n\n- a\n- b\n  1. c\n  2. d\n\n> said so\n\ncode\n\n"
        "--------------------\n"
    )


def test_problems_name_what_has_no_value() -> None:
    allowed = allowed_names(has_cohort=False, has_more=False)
    assert allowed == PERSON_PLACEHOLDERS
    assert problems("Hello {person_name}", "Text", allowed) == ()
    found = problems("Hi {person.__class__}", "{switch_date} {switch_date}", allowed)
    names = "{help_contact}, {person_name}, {project_name}, {sender_name}"
    assert found == (
        f"{{person.__class__}} has no value in this message. You can use: {names}.",
        f"{{switch_date}} has no value in this message. You can use: {names}.",
    )


@pytest.mark.parametrize("subject", ["a\r\nBcc: x", "a\nb", "a\x00b", "a\u2028b", "", "  "])
def test_problems_refuse_a_subject_that_is_not_one_line(subject: str) -> None:
    assert len(problems(subject, "Text", PLACEHOLDERS)) == 1


@settings(deadline=None)
@given(text=st.text(alphabet="zq0123456789x{}person_name ", max_size=80))
def test_hidden_words_never_meet_the_text(text: str) -> None:
    """A text made of the pieces our hiding words are made of comes through untouched."""
    source = f"a {text} b".replace("{", "(").replace("}", ")")
    mail = read_mail(render(skeleton(subject=f"{source} {{person_name}}")))
    assert mail.subject == f"{source} Anna"
