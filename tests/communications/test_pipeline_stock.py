"""The rows in a worker's hand: none twice, a suspect alone, nothing kept for too long."""

from uuid import UUID

import pytest

from communications.mailer.line import Letter
from communications.services.pipeline.build import Draft, Drafts
from communications.services.pipeline.claim import claim
from communications.services.pipeline.house import keep_house
from communications.services.pipeline.stock import SUSPECT, Stock
from communications.services.pipeline.switch import ensure_switch
from tests.communications.pipeline import due_occurrence

pytestmark = pytest.mark.django_db
OWNER = UUID(int=1)


@pytest.fixture
def drafts() -> list[Draft]:
    due_occurrence(4)
    ensure_switch()
    keep_house()
    return Drafts().of(claim(OWNER, 100, 60))


def begin(stock: Stock, drafts: list[Draft]) -> list[int]:
    stock.begun.update({draft.pk: draft for draft in drafts})
    return [draft.pk for draft in drafts]


def suspected(draft: Draft) -> Draft:
    draft.claimed = draft.claimed._replace(claims=SUSPECT)
    return draft


def test_a_row_that_was_lost_and_claimed_again_is_not_in_hand_twice(drafts: list[Draft]) -> None:
    stock = Stock()
    stock.add(drafts[:2])
    begun = begin(stock, stock.next_ones(1))
    stock.add(drafts)
    assert begun == [drafts[0].pk]
    assert [draft.pk for draft in stock.waiting] == [draft.pk for draft in drafts[1:]]


def test_a_suspect_goes_when_nothing_is_in_hand_and_alone(drafts: list[Draft]) -> None:
    first, suspect, *others = drafts
    stock = Stock()
    stock.add([first, suspected(suspect), *others])
    assert begin(stock, stock.next_ones(8)) == [first.pk]
    assert (stock.can_begin, stock.next_ones(8)) == (False, [])
    stock.conclude(first.pk)
    assert begin(stock, stock.next_ones(8)) == [suspect.pk]
    assert (stock.can_begin, stock.next_ones(8)) == (False, [])
    stock.conclude(suspect.pk)
    assert begin(stock, stock.next_ones(8)) == [draft.pk for draft in others]


def test_what_is_on_no_connection_goes_back(drafts: list[Draft]) -> None:
    stock = Stock()
    stock.add(drafts)
    on_line, ready = begin(stock, stock.next_ones(2))
    stock.ready.append(Letter(ready, "a@b.example", "c@d.example", b""))
    assert stock.take_unsent() == [drafts[2].pk, drafts[3].pk, ready]
    assert (list(stock.begun), stock.unsent, stock.is_empty) == ([on_line], 0, False)


def test_what_waited_too_long_goes_back_and_what_is_in_hand_is_kept(drafts: list[Draft]) -> None:
    stock = Stock()
    stock.add(drafts)
    (begun,) = begin(stock, stock.next_ones(1))
    assert (stock.take_old(60), stock.to_keep(60)) == ([], [])
    for draft in drafts[:2]:
        draft.kept_at -= 61
    assert (stock.take_old(60), stock.to_keep(60)) == ([drafts[1].pk], [begun])
    assert (stock.take_old(60), stock.to_keep(60)) == ([], [])
