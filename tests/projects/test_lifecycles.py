"""The transition tables, written out once more: a slip in one of them must not pass unseen."""

from projects.enums import (
    PROJECT_TRANSITIONS,
    RISK_TRANSITIONS,
    STEP_CLOSED,
    STEP_NEXT,
    STEP_TRANSITIONS,
)


def test_step_table():
    assert {
        "todo": {"active", "blocked", "done", "skipped"},
        "active": {"todo", "blocked", "done", "skipped"},
        "blocked": {"todo", "active", "skipped"},
        "done": {"active"},
        "skipped": {"todo"},
    } == STEP_TRANSITIONS
    assert STEP_CLOSED == ("done", "skipped")


def test_usual_next_move_is_a_move():
    assert STEP_NEXT == {"todo": "active", "active": "done", "blocked": "active"}
    assert all(new in STEP_TRANSITIONS[old] for old, new in STEP_NEXT.items())


def test_risk_table():
    assert {
        "open": {"mitigated", "happened", "closed"},
        "mitigated": {"open", "happened", "closed"},
        "happened": {"open", "mitigated", "closed"},
        "closed": {"open"},
    } == RISK_TRANSITIONS


def test_project_table():
    assert {
        "active": {"paused", "closed"},
        "paused": {"active", "closed"},
        "closed": {"active"},
    } == PROJECT_TRANSITIONS
