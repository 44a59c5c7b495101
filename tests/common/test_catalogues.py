"""What is loaded is what the translators wrote, and they wrote all of it."""

import ast
import io
import re
from gettext import GNUTranslations
from pathlib import Path

import pytest

from common.catalogues import CONTEXT, LOCALE, compiled, read, sources
from communications import correction_text, mail_words
from communications.languages import tag
from communications.services import cards

# Whose words the catalogues hold: nobody else's, for the interface is English.
SPEAKERS = (mail_words, correction_text, cards)
MARKS = ("mail", "card")
TAG = CONTEXT.join(("mail, tag of the language", "en"))
DAY = CONTEXT.join(("mail, date", "l j F Y"))
IN_BRACKETS = re.compile(r"%\(\w+\)s")


def words_of(source: Path) -> dict[str, str]:
    words = read(source.read_text(encoding="utf-8"))
    words.pop("")
    return words


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
    made = source.with_suffix(".mo").read_bytes()
    assert made == compiled(read(source.read_text(encoding="utf-8"))), (
        "Run: .venv/bin/python -m common.catalogues"
    )
    loaded = GNUTranslations(io.BytesIO(made))
    assert {key: loaded.pgettext(*key.split(CONTEXT)) for key in words} == words


def test_translations_are_no_copies_of_the_english_ones() -> None:
    """Some words are the same in two languages; sentences are not."""
    for source in sources():
        same = [key for key, said in words_of(source).items() if " " in said and said in key]
        assert [key for key in same if key != DAY] == []


def test_nothing_lies_beside_them() -> None:
    files = {path for path in LOCALE.rglob("*") if path.is_file()}
    assert files == {made for one in sources() for made in (one, one.with_suffix(".mo"))}


def test_strings_of_several_lines_and_signs_are_read() -> None:
    text = (
        '# a note\nmsgid ""\nmsgstr "H: x\\n"\n\nmsgctxt "c"\nmsgid ""\n"a\\n"\n"b"\n'
        'msgstr "\\"ü\\" \\\\d"\n\nmsgid "later"\nmsgstr ""\n'
    )
    words = read(text)
    assert words == {"": "H: x\n", "c\x04a\nb": '"ü" \\d', "later": ""}
    loaded = GNUTranslations(io.BytesIO(compiled({**words, "": "Content-Type: x; charset=UTF-8"})))
    assert (loaded.pgettext("c", "a\nb"), loaded.gettext("later")) == ('"ü" \\d', "later")


@pytest.mark.parametrize("line", ['msgid_plural "x"', "nonsense", '"before anything"'])
def test_what_we_cannot_read_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 1: "):
        read(line)
