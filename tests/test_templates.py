"""Every template compiles, none carries inline script or style, an undefined variable fails."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import get_template

from tests.strict_templates import OURS, UndefinedVariableError

TEMPLATES = sorted(path.relative_to(OURS).as_posix() for path in OURS.rglob("*.html"))
STYLES = sorted((Path(settings.BASE_DIR) / "static").rglob("*.css"))
# Mails are no pages: their style sheet is moved into style attributes when they are sent.
PAGES = [name for name in TEMPLATES if "/mail/" not in name and not name.endswith("_mail.html")]
INLINE = {
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style[\s>]", re.IGNORECASE),
    "a script without src": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>{]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "text taken as safe": re.compile(r"\|\s*safe\b|autoescape\s+off"),
}
LONGEST_TEMPLATE = 150
LONGEST_STYLE_SHEET = 500


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name):
    assert get_template(name).origin.name.endswith(name)


@pytest.mark.parametrize("name", PAGES)
def test_template_has_nothing_inline(name):
    text = (OURS / name).read_text()
    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_is_short(name):
    assert len((OURS / name).read_text().splitlines()) <= LONGEST_TEMPLATE


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_style_sheet_is_short_and_loads_nothing(path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_STYLE_SHEET
    assert re.findall(r"@import|url\((?!#)[^)]*\)", text) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_style_sheet_names_colours_in_tokens_only(path):
    if path.name == "tokens.css":
        return
    assert re.findall(r"#[0-9a-f]{3,8}\b(?!\))|\brgba?\(", path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ nothing }}",
        "{{ nothing|default:'-' }}",
        "{{ something.nothing }}",
        "{% with a=nothing %}{% endwith %}",
        '{% include "components/field_errors.html" with field=nothing only %}',
        '{% include "components/empty.html" with title="Only a title" only %}',
    ],
)
def test_undefined_variable_fails(text):
    template = engines["django"].from_string(text)
    with pytest.raises(UndefinedVariableError):
        template.render({"something": {}})


@pytest.mark.parametrize(
    "text", ["{% if nothing %}x{% endif %}", "{% for a in nothing %}x{% endfor %}"]
)
def test_question_whether_a_variable_exists_is_allowed(text):
    assert engines["django"].from_string(text).render({}) == ""


def test_templates_of_others_are_not_held_to_it():
    assert 'href="#"' in get_template("bootstrap5/layout/tab-link.html").render({})
