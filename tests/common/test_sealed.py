"""Sealed texts: opened by the keys of the installation, by nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from common.sealed import seal, unseal

TEXT = "https://example.org/?sig=s3cr3t"


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_what_is_sealed_is_opened(text: str) -> None:
    assert unseal(seal(text)) == text


def test_the_same_text_never_looks_the_same() -> None:
    assert len({seal(TEXT) for _time in range(5)}) == 5


def test_every_key_opens_and_the_first_seals(settings: Settings) -> None:
    settings.LINK_KEYS = ["old"]
    old = seal(TEXT)
    settings.LINK_KEYS = ["new", "old"]
    new = seal(TEXT)
    assert (unseal(old), unseal(new)) == (TEXT, TEXT)
    settings.LINK_KEYS = ["new"]
    assert (unseal(old), unseal(new)) == ("", TEXT)


@pytest.mark.parametrize("at", [0, 20, 60, 100])
def test_what_somebody_changed_is_not_opened(at: int) -> None:
    sealed = seal(TEXT)
    other = "A" if sealed[at] != "A" else "B"
    assert unseal(sealed[:at] + other + sealed[at:][1:]) == ""


@pytest.mark.parametrize("never_sealed", ["x", TEXT, "é", "gAAAA", "=", " "])
def test_what_was_never_sealed_is_not_opened(never_sealed: str) -> None:
    assert unseal(never_sealed) == ""
