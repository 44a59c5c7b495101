"""Personal links: what we signed is read back, whatever else is nothing."""

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from common.links import Link, read, token

ID = uuid.UUID("0192c3a4-5678-4abc-8def-0123456789ab")


@given(st.uuids(), st.integers(min_value=0, max_value=2**32 - 1))
def test_token_is_read_back(public_id: uuid.UUID, generation: int) -> None:
    text = token("survey", public_id, generation)
    assert read("survey", text) == Link(public_id=public_id, generation=generation)


def test_token_is_short_and_safe_in_an_address() -> None:
    text = token("survey", ID, 1)
    assert len(text) == 48
    assert text.replace("-", "").replace("_", "").isalnum()


def test_every_altered_character_makes_it_unknown() -> None:
    text = token("survey", ID, 1)
    altered = [
        text[:at] + other + text[at + 1 :]
        for at in range(len(text))
        for other in "Aa0_"
        if other != text[at]
    ]
    assert [read("survey", other) for other in altered] == [None] * len(altered)


def test_token_of_another_purpose_is_unknown() -> None:
    assert read("survey", token("my-upgrade", ID, 1)) is None


def test_generation_is_part_of_what_is_signed() -> None:
    raw = bytearray(base64.urlsafe_b64decode(token("survey", ID, 1)))
    raw[19] = 2
    assert read("survey", base64.urlsafe_b64encode(bytes(raw)).decode()) is None


@given(st.text(max_size=60))
def test_other_text_is_unknown(text: str) -> None:
    assert read("survey", text) is None


@pytest.mark.parametrize("end", ["\n", " ", "=", "\0", "é"])
def test_token_with_something_behind_it_is_unknown(end: str) -> None:
    text = token("survey", ID, 1)
    assert read("survey", text + end) is None
    assert read("survey", text[:-1] + end) is None


def test_what_was_mailed_long_ago_is_still_ours(settings: Settings) -> None:
    settings.LINK_KEYS = ["a-key" * 10]
    text = "AZLDpFZ4SryN7wEjRWeJqwAAAAEoyde-9zoFif6ts_3si8bL"
    assert (token("survey", ID, 1), read("survey", text)) == (text, Link(ID, 1))


def test_old_key_verifies_until_it_is_taken_out(settings: Settings) -> None:
    settings.LINK_KEYS = ["old"]
    text = token("survey", ID, 1)
    settings.LINK_KEYS = ["new", "old"]
    assert read("survey", text) == Link(public_id=ID, generation=1)
    assert token("survey", ID, 1) != text
    settings.LINK_KEYS = ["new"]
    assert read("survey", text) is None


def test_rotating_the_secret_key_breaks_no_link(settings: Settings) -> None:
    text = token("survey", ID, 1)
    settings.SECRET_KEY = "another"
    assert read("survey", text) == Link(public_id=ID, generation=1)
