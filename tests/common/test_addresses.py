"""One key for all spellings of an address, and the list of who may get mail."""

import pytest

from common.addresses import address_key, in_words, is_allowed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna@Example.ORG", "anna@example.org"),
        ("anna@bücher.example", "ANNA@XN--BCHER-KVA.example"),
        ("andre\N{COMBINING ACUTE ACCENT}@x.example", "andr\u00e9@x.example"),
        (" a@b.example ", "a@b.example"),
    ],
)
def test_one_address_has_one_key(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("allow_list", "is_let_through"),
    [
        ([], True),
        ([" "], True),
        (["anna@x.example"], True),
        (["@X.example"], True),
        (["ben@x.example"], False),
        (["@y.example"], False),
        (["@x"], False),
        (["!@y.example"], True),
        (["! @X.example"], False),
        (["!@x.example", "anna@x.example"], False),
        (["!ben@x.example", "@x.example"], True),
    ],
)
def test_the_allow_list(allow_list: list[str], is_let_through: bool) -> None:
    assert is_allowed("Anna@x.example", allow_list) is is_let_through


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("Ada Arndt", "a@x.example", "Ada Arndt (a@x.example)"),
        ("Ada Arndt", "", "Ada Arndt"),
        ("", "a@x.example", "a@x.example"),
    ],
)
def test_people_are_named_by_what_is_known(name: str, address: str, expected: str) -> None:
    assert in_words(name, address) == expected
