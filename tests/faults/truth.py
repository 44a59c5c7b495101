"""The promise, checked against the server's own log: the same law after every kind of fault."""

from collections import Counter

from communications.models import Delivery, Occurrence
from communications.queries.ledger import ledger_of
from tests.faults.processes import Mailserver


def check_promise(occurrence: Occurrence, people: int, server: Mailserver) -> Counter[str]:
    """Nothing twice, nothing lost, nothing claimed that is not so. Returns the rows by state."""
    rows = {
        f"<{number}@localhost>": state
        for number, state in Delivery.objects.filter(occurrence=occurrence).values_list(
            "message_id", "state"
        )
    }
    mails = server.mails()
    taken = Counter(mail.message_id for mail in mails)
    assert [number for number, times in taken.items() if times > 1] == []
    assert len({mail.recipient for mail in mails}) == len(mails)
    assert set(taken) <= set(rows)
    assert {rows[number] for number in taken} <= {"sent", "uncertain"}
    assert {number for number, state in rows.items() if state == "sent"} <= set(taken)
    states = Counter(rows.values())
    assert set(states) <= {"sent", "uncertain"}
    ledger = ledger_of(occurrence.pk)
    assert (ledger.total, sum(states.values()), len(rows)) == (people, people, people)
    occurrence.refresh_from_db()
    assert occurrence.state == "done"
    return states
