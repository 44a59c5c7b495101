"""Arithmetic and tables of sending: no database, no connection."""

from datetime import timedelta

import pytest

from communications.addresses import envelope_address
from communications.enums import DELIVERY_TRANSITIONS, UNFINISHED, DeliveryState
from communications.exceptions import AddressRefused
from communications.mailer.backoff import hold_for, retry_after
from communications.mailer.breaker import Breaker
from communications.mailer.line import stuffed as stuffed_mail


def test_retries_grow_to_six_hours_and_stay_there() -> None:
    minutes = [retry_after(n, 0.5) / timedelta(minutes=1) for n in range(1, 9)]
    assert minutes == [1, 5, 15, 60, 180, 360, 360, 360]


def test_retries_spread_by_a_fifth() -> None:
    seconds = [retry_after(1, chance).total_seconds() for chance in (0, 1)]
    assert seconds == [48, 72]


def test_holds_double_up_to_five_minutes() -> None:
    assert [hold_for(n).total_seconds() for n in range(1, 9)] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert hold_for(10_000).total_seconds() == 300


def test_twenty_failures_in_a_row_break_and_are_forgotten() -> None:
    breaker = Breaker()
    outcomes = [breaker.count(1, is_taken=False) for _ in range(40)]
    assert [n for n, is_broken in enumerate(outcomes, 1) if is_broken] == [20, 40]


def test_one_taken_mail_starts_the_row_again() -> None:
    breaker = Breaker()
    outcomes = [breaker.count(1, is_taken=n % 20 == 19) for n in range(60)]
    assert outcomes == [False] * 60


def test_more_than_five_in_a_hundred_of_a_thousand_break() -> None:
    breaker = Breaker()
    outcomes = [breaker.count(1, is_taken=n % 19 != 0) for n in range(1, 1100)]
    assert outcomes.index(True) == 19 * 53 - 1  # the first failure once a thousand are known
    fine = Breaker()
    assert not any(fine.count(1, is_taken=n % 20 != 0) for n in range(5000))


def test_messages_are_counted_apart() -> None:
    breaker = Breaker()
    assert not any(breaker.count(n % 2, is_taken=False) for n in range(38))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Anna.Meier+x@Example.org", "Anna.Meier+x@example.org"),
        ("o'neil@bücher.example", "o'neil@xn--bcher-kva.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_envelope_is_plain_ascii(typed: str, said: str) -> None:
    assert envelope_address(typed) == said


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "jürgen@example.org",
        "a@x.example, b@x.example",
        "a@x.example>\r\nRCPT TO:<b@x.example",
        "a b@x.example",
        "a..b@x.example",
        "a@-x.example",
        "a@x..example",
        "a\0@x.example",
        "a" * 65 + "@x.example",
        "a@" + "x" * 64 + ".example",
        "a@" + ("x" * 60 + ".") * 5 + "example",
    ],
)
def test_what_no_server_takes_is_refused(typed: str) -> None:
    with pytest.raises(AddressRefused):
        envelope_address(typed)


@pytest.mark.parametrize(
    ("mail", "stuffed"),
    [
        (b"a\r\n", b"a\r\n"),
        (b"a", b"a\r\n"),
        (b".\r\n..\r\nx.", b"..\r\n...\r\nx.\r\n"),
        (b"a\n.\nQUIT\n", b"a\r\n..\r\nQUIT\r\n"),
        (b"a\r.\rb\r\n", b"a\r\n..\r\nb\r\n"),
    ],
)
def test_no_line_of_a_mail_can_end_it_early(mail: bytes, stuffed: bytes) -> None:
    assert stuffed_mail(mail) == stuffed


def test_every_state_of_a_delivery_has_its_row_in_the_table() -> None:
    assert set(DELIVERY_TRANSITIONS) == set(DeliveryState)
    ends = {state for state, after in DELIVERY_TRANSITIONS.items() if not after}
    assert ends == {DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.CANCELLED}
    assert not ends & set(UNFINISHED)
    assert DeliveryState.SENDING not in DELIVERY_TRANSITIONS[DeliveryState.QUEUED]
