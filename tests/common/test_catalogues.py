"""What is loaded is what the translators wrote, and they wrote all of it."""

import ast
import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from communications import correction_text, mail_words, stopping_words
from communications.languages import tag
from communications.services import cards
from tests.catalogues import LOCALE, sources

# Whose words the catalogues hold: nobody else's, for the interface is English.
SPEAKERS = (mail_words, correction_text, stopping_words, cards)
MARKS = ("mail", "card", "stop mails")
CONTEXT = "\x04"  # stands between the context of a string and the string
TAG = CONTEXT.join(("mail, tag of the language", "en"))
DAY = CONTEXT.join(("mail, date", "l j F Y"))
IN_BRACKETS = re.compile(r"%\(\w+\)s|\{\w+\}")


def words_of(source: Path) -> dict[str, str]:
    with source.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    return {CONTEXT.join((one.context, one.id)): one.string for one in catalogue if one.id}


def spoken_in_code() -> set[str]:
    found = set()
    for module in SPEAKERS:
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "pgettext":
                context, words = (ast.literal_eval(one) for one in node.args)
                if context.partition(",")[0] in MARKS:
                    found.add(CONTEXT.join((context, words)))
    return found


def test_there_are_as_many_as_we_say() -> None:
    said = "ar cs da de el es fi fr he hu it ja ko nb nl pl pt pt_BR ro ru sv tr uk zh_Hans zh_Hant"
    assert " ".join(sorted(source.parent.parent.name for source in sources())) == said


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.parent.parent.name)
def test_a_catalogue_is_whole_and_compiled(source: Path) -> None:
    words = words_of(source)
    assert set(words) == spoken_in_code()
    assert [key for key, said in words.items() if not said.strip()] == []
    assert words[TAG] == tag(source.parent.parent.name)
    assert {key: sorted(IN_BRACKETS.findall(said)) for key, said in words.items()} == {
        key: sorted(IN_BRACKETS.findall(key)) for key in words
    }
    with source.with_suffix(".mo").open("rb") as made:
        loaded = GNUTranslations(made)
    assert {key: loaded.pgettext(*key.split(CONTEXT)) for key in words} == words, (
        "Run: .venv/bin/pybabel compile --directory locale --domain django"
    )


def test_translations_are_no_copies_of_the_english_ones() -> None:
    """Some words are the same in two languages; sentences are not."""
    for source in sources():
        same = [key for key, said in words_of(source).items() if " " in said and said in key]
        assert [key for key in same if key != DAY] == []


def test_nothing_lies_beside_them() -> None:
    files = {path for path in LOCALE.rglob("*") if path.is_file()}
    assert files == {made for one in sources() for made in (one, one.with_suffix(".mo"))}
