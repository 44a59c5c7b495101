"""The small parts of every page: states, numbers, dates, bars, the menu, the theme."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from common import dates
from common.templatetags import ui

TODAY = date(2027, 2, 25)
NBSP = "\N{NO-BREAK SPACE}"


def render(text, **context):
    return engines["django"].from_string("{% load ui %}" + text).render(context).strip()


# ---- states


@pytest.mark.parametrize(
    ("state", "colour", "shape"),
    [
        ("done", "done", "done"),
        ("blocked", "bad", "bad"),
        ("uncertain", "warn", "unsure"),
        ("skipped", "todo", "off"),
        ("never heard of", "todo", "todo"),
    ],
)
def test_status_is_shape_and_word_and_colour(state, colour, shape):
    assert render("{% status state 'in its words' %}", state=state) == (
        f'<span class="status is-{colour}"><svg class="shape" aria-hidden="true">'
        f'<use href="#s-{shape}"/></svg>In its words</span>'
    )


def test_status_shape_can_be_chosen():
    assert '<use href="#s-gate"/>' in render("{% status 'done' 'Passed' shape='gate' %}")


def test_every_look_has_its_shape_in_the_sprite_and_its_colour_in_the_style_sheet(settings):
    sprite = render_to_string("components/sprite.html")
    styles = (settings.BASE_DIR / "static/css/app.css").read_text()
    looks = set(ui.LOOKS.values())
    assert {shape for _colour, shape in looks if f'id="s-{shape}"' not in sprite} == set()
    assert {colour for colour, _shape in looks if f".is-{colour}" not in styles} == set()


def test_fact_escapes_what_people_typed():
    assert "&lt;b&gt;" in render("{% fact 'Owner' name %}", name="<b>")


# ---- numbers


@pytest.mark.parametrize(
    ("value", "shown"),
    [(4200, "4,200"), (0, "0"), (Decimal("1234.6"), "1,235"), (None, "–"), ("", "–")],
)
def test_number(value, shown):
    assert ui.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (71, f"71{NBSP}%"),
        (Decimal("3.60"), f"3.6{NBSP}%"),
        (99.96, f"100{NBSP}%"),
        (0, f"0{NBSP}%"),
        (None, "–"),
    ],
)
def test_percent(value, shown):
    assert ui.percent(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(12, "+12"), (0, "0"), (Decimal("-3.5"), "−3.5"), (None, "–")]
)
def test_signed(value, shown):
    assert ui.signed(value) == shown


@pytest.mark.parametrize(("part", "whole", "shown"), [(1, 3, f"33.3{NBSP}%"), (0, 0, "–")])
def test_share(part, whole, shown):
    assert ui.share(part, whole) == shown


# ---- dates


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2027, 2, 25), "today"),
        (date(2027, 2, 26), "tomorrow"),
        (date(2027, 2, 24), "yesterday"),
        (date(2027, 3, 9), "in 12 days"),
        (date(2027, 2, 19), "6 days ago"),
        (date(2027, 4, 26), "in 60 days"),
        (date(2026, 11, 2), "4 months ago"),
        (date(2030, 2, 25), "in 3 years"),
    ],
)
def test_relative_day(day, words):
    assert dates.relative_day(day, TODAY) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2027, 2, 25, 9, 42, 30, tzinfo=UTC), "just now"),
        (datetime(2027, 2, 25, 9, 41, tzinfo=UTC), "1 minute ago"),
        (datetime(2027, 2, 25, 12, 42, tzinfo=UTC), "in 3 hours"),
        (datetime(2027, 2, 25, 0, 30, tzinfo=UTC), "9 hours ago"),
        (datetime(2027, 2, 24, 20, 0, tzinfo=UTC), "yesterday"),
        (datetime(2027, 2, 24, 23, 0, tzinfo=UTC), "10 hours ago"),
        (datetime(2027, 3, 4, 9, 0, tzinfo=UTC), "in 7 days"),
    ],
)
def test_relative_moment(moment, words):
    at = datetime(2027, 2, 25, 9, 42, tzinfo=UTC)
    assert dates.relative_moment(moment, at) == words


@pytest.mark.parametrize(
    ("zone", "line"),
    [
        ("Europe/Berlin", "Europe/Berlin (CET, UTC+1)"),
        ("Asia/Kolkata", "Asia/Kolkata (IST, UTC+5:30)"),
        ("America/St_Johns", "America/St_Johns (NST, UTC−3:30)"),
        ("America/Sao_Paulo", "America/Sao_Paulo (UTC−3)"),
        ("UTC", "UTC"),
    ],
)
def test_zone_line(zone, line):
    assert dates.zone_line(datetime(2027, 2, 25, 9, 42, tzinfo=ZoneInfo(zone))) == line


def test_day_says_the_year_only_where_it_is_another():
    assert ui.day(date(2027, 3, 9), today=TODAY) == (
        '<time datetime="2027-03-09" title="Tuesday 9 March 2027">Tue 9 Mar</time>'
    )
    assert ">Wed 2 Dec 2026<" in ui.day(date(2026, 12, 2), today=TODAY)
    assert ui.day(None) == "–"


def test_day_puts_the_relative_words_beside_the_date():
    assert ui.day(date(2027, 3, 9), relative=True, today=TODAY).endswith(
        '</time><span class="ago">in 12 days</span>'
    )


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2027, 3, 1), date(2027, 3, 9), "1 Mar – 9 Mar"),
        (date(2026, 9, 7), date(2026, 10, 2), "7 Sep – 2 Oct 2026"),
        (date(2026, 12, 7), date(2027, 1, 2), "7 Dec 2026 – 2 Jan 2027"),
        (date(2027, 3, 1), date(2027, 3, 1), "1 Mar"),
        (None, date(2027, 3, 1), "–"),
    ],
)
def test_period(start, end, words):
    assert ui.period(start, end, TODAY) == words


def test_when_shows_the_readers_clock_and_names_the_zone():
    at = datetime(2027, 2, 25, 12, 0, tzinfo=UTC)
    with timezone.override("Asia/Tokyo"):
        shown = ui.when(datetime(2027, 2, 25, 9, 0, tzinfo=UTC), at=at)
    assert shown == (
        '<time datetime="2027-02-25T18:00:00+09:00" title="Thursday 25 February 2027, 18:00 JST">'
        '25 Feb, 18:00</time><span class="ago">3 hours ago</span>'
    )
    assert ui.when(None) == "–"


# ---- bars


@pytest.mark.parametrize(
    ("done", "total", "width"), [(0, 6, "0.0"), (5, 6, "83.3"), (6, 6, "100.0"), (0, 0, "0.0")]
)
def test_progress_width(done, total, width):
    assert f'class="value" y="5" width="{width}%"' in render(
        "{% progress done total %}", done=done, total=total
    )


@pytest.mark.parametrize(
    ("value", "target", "low", "high", "x", "width", "tick"),
    [
        (71, 60, 0, 100, "0", "71.0", "60.0"),
        (12, 0, -100, 100, "50.0", "6.0", "50.0"),
        (-20, 0, -100, 100, "40.0", "10.0", "50.0"),
        (250, 80, 0, 100, "0", "100", "80.0"),
        (None, 80, 0, 100, "0", "0", "80.0"),
    ],
)
def test_bullet_begins_at_zero_and_stays_on_its_scale(value, target, low, high, x, width, tick):
    drawn = ui.bullet(value, target, "71 %, target 60 %", low, high)
    shown = (drawn["x"], drawn["width"], drawn["target"])
    assert shown == tuple(Decimal(one) for one in (x, width, tick))


def test_bullet_prints_points_as_decimals_in_every_language():
    with translation.override("de"):
        assert 'width="71.5%"' in render("{% bullet 71.5 60 'x' %}")


# ---- forms


class SampleForm(forms.Form):
    name = forms.CharField(label="Name")
    starts_on = forms.DateField(label="Start date")

    def clean(self):
        raise forms.ValidationError("Both do not fit together.")


def test_form_says_each_error_once_on_top_and_once_at_the_field():
    form = SampleForm({"name": "", "starts_on": "soon"})
    page = render_to_string(
        "components/form.html", {"form": form, "submit": "Save", "csrf_token": "token"}
    )
    summary, fields = page.split("</ul>", 1)
    assert re.findall(r"<li>(.*?)</li>", summary) == [
        "Both do not fit together.",
        '<a href="#id_name">Name</a>: This field is required.',
        '<a href="#id_starts_on">Start date</a>: Enter a valid date.',
    ]
    said = [fields.count(words) for words in ("Both do not fit", "is required", "a valid date")]
    assert said == [0, 1, 1]


# ---- frame


def test_nav_link_is_left_out_where_there_is_no_such_page():
    assert render("{% nav_link 'nowhere:at_all' 'Nothing' %}") == ""


@pytest.mark.parametrize(
    ("here", "entry", "is_marked"),
    [
        ("projects:step_list", "projects:step_list", True),
        ("projects:step_detail", "projects:step_list", True),
        ("rollout:cohort_detail", "cohorts:cohort_list", True),
        ("projects:settings", "projects:settings", True),
        ("projects:settings", "projects:step_list", False),
        ("dashboards:project_home", "dashboards:timeline", False),
        ("", "projects:step_list", False),
    ],
)
def test_menu_entry_belongs_to_the_page_and_its_noun(here, entry, is_marked):
    assert ui._belongs(here, entry) is is_marked


def test_nav_link_marks_the_page_and_shows_its_count():
    shown = render(
        "{% nav_link 'common:set_theme' 'Look' %}",
        nav="common:set_theme",
        nav_counts={"common:set_theme": "3 due"},
    )
    assert shown == (
        '<li><a href="/theme/" aria-current="page">Look<span class="count">3 due</span></a></li>'
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_theme_is_kept_in_a_cookie_and_shown(client, theme):
    response = client.post("/theme/", {"theme": theme, "next": "/somewhere/?a=1"})
    assert (response.status_code, response.url) == (302, "/somewhere/?a=1")
    assert client.cookies["theme"].value == theme
    assert client.cookies["theme"]["httponly"] is True


def test_theme_of_the_system_takes_the_cookie_away(client):
    client.cookies["theme"] = "dark"
    client.post("/theme/", {"theme": ""})
    assert client.cookies["theme"].value == ""


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_theme_never_leads_to_another_site(client, away):
    assert client.post("/theme/", {"theme": "dark", "next": away}).url == "/"


def test_theme_that_is_none_is_refused(client):
    response = client.post("/theme/", {"theme": '"><script>'})
    assert response.status_code == 400
    assert "theme" not in response.cookies


def test_theme_is_not_changed_by_following_a_link(client):
    assert client.get("/theme/?theme=dark").status_code == 405


def test_theme_needs_the_forms_token():
    assert Client(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"}).status_code == 403


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "404.html", "409.html", "500.html", "503.html"]
)
def test_error_page_needs_no_context(name):
    page = render_to_string(name)
    assert "data-bs-theme" not in page
    assert re.fullmatch(r"\S.*\S", re.search(r"<h1>(.*)</h1>", page)[1])
