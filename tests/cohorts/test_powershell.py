"""No text of a person can become code: read back with a real parser of the language."""

import re

import pytest
import tree_sitter_powershell
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from cohorts.powershell import UNSEEN, encoded, fill, literal, rows
from playbooks.library import get_playbook, list_playbooks

POWERSHELL = Language(tree_sitter_powershell.language())
QUOTES = "'‘’‚‛"
HOSTILE = [
    "'; Remove-Item -Recurse C:\\; '",
    "$(Remove-Item C:\\)",
    "`$(Get-Date)`'",
    "O’Brien’; Stop-Computer; ’",
    "‘‚‛’''’",
    '"double" and "@',
    "@'\nhere\n'@",
    "line\r\nbreak\u2028and\u2029more\x85\x0b\x0c",
    "#> Remove-Item <#",
    "<<policy>> {0} %PATH% ${env:PATH}",
    "\u202egnp.exe\u2066",
    "'",
    "’",
    "",
    "--%",
    "名前 🧑‍💻 ñ",
]


def nodes(text: str) -> list[Node]:
    """Every node of the parsed text; a syntax error fails the test."""
    tree = Parser(POWERSHELL).parse(text.encode())
    found, queue = [], [tree.root_node]
    while queue:
        node = queue.pop()
        assert not node.is_missing, text
        assert node.type != "ERROR", node.text.decode()
        found.append(node)
        queue.extend(node.children)
    return found


def value_of(text: str) -> str:
    """What PowerShell makes of a literal: two signs of quotation are one, a single one ends it."""
    assert (text[0], text[-1]) == ("'", "'")
    inner = text[1:-1]
    assert re.fullmatch(f"(?:[^{QUOTES}]|[{QUOTES}]{{2}})*", inner, re.DOTALL), text
    return re.sub(f"([{QUOTES}])[{QUOTES}]", r"\1", inner)


def literals(text: str) -> list[str]:
    found = [node for node in nodes(text) if node.type == "verbatim_string_characters"]
    found.sort(key=lambda node: node.start_byte)
    return [value_of(node.text.decode()) for node in found]


def visible(text: str) -> str:
    return UNSEEN.sub(" ", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_arrives_as_one_literal(text):
    assert literals(f"$Name = {literal(text)}\n") == [visible(text)]


@given(st.text(alphabet=st.one_of(st.sampled_from(QUOTES + '"`$(){}@;#\n '), st.characters())))
def test_any_text_is_one_literal_on_one_line(text):
    made = literal(text)
    assert value_of(made) == visible(text)
    assert made.splitlines() == [made]


def test_rows_hold_every_value_of_every_person():
    people = [
        {"Identity": text, "Name": other}
        for text, other in zip(HOSTILE, HOSTILE[::-1], strict=True)
    ]
    text = f"$People = @(\n{rows(people)}\n)\n"
    assert literals(text) == [visible(value) for person in people for value in person.values()]
    assert len(text.splitlines()) == len(people) + 2


def test_fill_looks_at_nothing_twice():
    assert fill("<<people>> <<policy>>", {"people": "<<policy>>", "policy": "P"}) == "<<policy>> P"


def test_a_file_says_that_it_is_utf_8():
    assert encoded("a\nü\n\n") == b"\xef\xbb\xbfa\r\n\xc3\xbc\r\n"


def texts() -> list[tuple[str, str]]:
    playbooks = map(get_playbook, list_playbooks())
    return [(script.key, script.text) for one in playbooks for script in one.scripts]


@pytest.mark.parametrize(("key", "text"), texts())
def test_every_script_parses_and_keeps_hostile_people_apart(key, text):
    people = [{"Identity": f"{n}@x.org", "Name": name} for n, name in enumerate(HOSTILE)]
    values = dict.fromkeys(("policy", "back_policy", "cohort", "operation"), literal(HOSTILE[3]))
    values |= {"people": rows(people), "results_file": literal("results.csv")}
    clean = dict.fromkeys(values, literal("x")) | {"people": ""}
    found, usual = literals(fill(text, values)), literals(fill(text, clean))
    kept = [visible(value) for person in people for value in person.values()]
    at = found.index("0@x.org")
    assert found[at : at + len(kept)] == kept
    assert len(found) == len(usual) + len(kept)
    commands = [node.text for node in nodes(fill(text, values)) if node.type == "command_name"]
    assert commands == [n.text for n in nodes(fill(text, clean)) if n.type == "command_name"]
    assert "[switch] $WhatIf" in text


def test_a_script_that_is_read_in_another_encoding_stops_before_its_people():
    for key, text in texts():
        assert text.index("throw") < text.index("<<cohort>>") < text.index("<<people>>"), key


def test_the_parser_of_this_test_sees_what_breaks_out():
    broken = "$Name = 'O'; Remove-Item 'x'\n"
    assert literals(broken) == ["O", "x"]
    assert [n.text for n in nodes(broken) if n.type == "command_name"] == [b"Remove-Item"]
