"""Which addresses a roster may hold, and when two of them are one person."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.roster.addresses import AddressFault, key_of, visible


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("anna@example.org", "anna@example.org"),
        ("A@Example.COM", "a@example.com"),
        ("o'neil+x.y@sub.example.org", "o'neil+x.y@sub.example.org"),
        ("jane_contoso.com#EXT#@fab.onmicrosoft.com", "jane_contoso.com#ext#@fab.onmicrosoft.com"),
        ("a@Bücher.example", "a@bücher.example"),
        ("a@BU\u0308CHER.example", "a@bücher.example"),
        ("a@xn--bcher-kva.example", "a@bücher.example"),
        ("a@corp.local", "a@corp.local"),
    ],
)
def test_key_of_folds_what_is_one_person(address, key):
    assert key_of(address) == key


NOT_ONE = "is not an address like anna@example.org."
MANY = "is more than one address; give one."
LETTERS = "has letters before the @ that mail servers do not take."
INVISIBLE = "holds an invisible character; type the address again."


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("anna", f"“anna” {NOT_ONE}"),
        ("@x.org", f"“@x.org” {NOT_ONE}"),
        ("a@", f"“a@” {NOT_ONE}"),
        ("a@localhost", f"“a@localhost” {NOT_ONE}"),
        ("a b@x.org", f"“a b@x.org” {NOT_ONE}"),
        ("a..b@x.org", f"“a..b@x.org” {NOT_ONE}"),
        ("a@x..org", f"“a@x..org” {NOT_ONE}"),
        ("a@-x.org", f"“a@-x.org” {NOT_ONE}"),
        ("a@127.0.0.1", f"“a@127.0.0.1” {NOT_ONE}"),
        ("a@x_y.org", f"“a@x_y.org” {NOT_ONE}"),
        ("a@xn--\u00fc.org", f"“a@xn--ü.org” {NOT_ONE}"),
        (f"{'a' * 65}@x.org", f"“{'a' * 65}@x.org” {NOT_ONE}"),
        ("Anna <a@x.org>", f"“Anna <a@x.org>” {NOT_ONE}"),
        ("a@x.org, b@x.org", f"“a@x.org, b@x.org” {MANY}"),
        ("a@x.org;b@x.org", f"“a@x.org;b@x.org” {MANY}"),
        ("a@x.org b@x.org", f"“a@x.org b@x.org” {MANY}"),
        ("jürgen@x.org", f"“jürgen@x.org” {LETTERS}"),
        ("a\u200bb@x.org", f"“a\ufffdb@x.org” {INVISIBLE}"),
        ("a@x\u200d.org", f"“a@x\ufffd.org” {INVISIBLE}"),
        ("a@x.org\r\nBcc: b@x.org", f"“a@x.org\ufffd\ufffdBcc: b@x.org” {INVISIBLE}"),
    ],
)
def test_key_of_refuses_with_a_reason(address, reason):
    with pytest.raises(AddressFault) as caught:
        key_of(address)
    assert str(caught.value) == reason


@given(st.text(max_size=300))
def test_key_of_answers_with_a_key_or_a_reason(text):
    for address in (text, f"{text}@x.org", f"a@{text}", f"a@{text}.org"):
        with suppress(AddressFault):
            key = key_of(address)
            # A key is a fixed point: writing it back into a roster finds the same person.
            assert key_of(key) == key


def test_visible_cuts_and_shows_what_cannot_be_seen():
    assert visible("x" * 100) == "x" * 79 + "…"
    assert visible("a\u202eb") == "a\ufffdb"
