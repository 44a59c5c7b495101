"""A whole playbook as plain data, small enough to spoil one key at a time."""

import json
from typing import Any

STEP = {
    "why": "Because.",
    "produces": "A result.",
    "roles": {"responsible": ["LEAD"], "accountable": ["BOSS"]},
    "anchor": "project_start",
    "offset_days": 0,
    "length_days": 2,
    "done_when": {"text": "It is done."},
}
TIMING = {"offset_days": 0, "time": "09:00", "working_day": True, "zone": "person"}
MESSAGE = {
    "subject": "A subject",
    "audience": "cohort",
    "cohort_kind": "pilot",
    "not_after_days": 3,
    "mandatory": False,
    "channel": "mail",
    "sender_role": "LEAD",
}


def phases() -> list[dict[str, Any]]:
    return [
        {
            "key": "first",
            "title": "First",
            "summary": "The first phase.",
            "anchor": "project_start",
            "steps": [
                {"key": "first-1", "title": "Begin", **STEP},
                {"key": "first-2", "title": "Go on", "after": ["first-1"], **STEP},
            ],
        },
        {
            "key": "second",
            "title": "Second",
            "summary": "The second phase.",
            "anchor": "pilot_start",
            "steps": [
                {
                    **STEP,
                    "key": "second-1",
                    "title": "Tell",
                    "after": ["first-1", "first-2"],
                    "anchor": "pilot_start",
                    "done_when": {
                        "text": "It is sent.",
                        "metric": "messages_sent",
                        "params": {"messages": ["hello"]},
                        "operator": ">=",
                        "threshold": 100,
                    },
                    "message_keys": ["hello"],
                }
            ],
        },
    ]


def messages() -> list[dict[str, Any]]:
    return [
        {
            **MESSAGE,
            "key": "hello",
            "title": "Hello",
            "body": "Hello {person_name}, on {switch_date}.",
            "timing": {"anchor": "cohort_switch", **TIMING},
            "step_keys": ["second-1"],
        },
        {
            **MESSAGE,
            "key": "ask",
            "title": "Ask",
            "body": "Please [answer]({survey_link}).",
            "timing": {"anchor": "survey_open", **TIMING},
        },
    ]


def surveys() -> list[dict[str, Any]]:
    return [
        {
            "key": "poll",
            "title": "Poll",
            "intro": "A few questions.",
            "thanks": "Thank you.",
            "cohort_kind": "pilot",
            "anonymous": False,
            "invitation_message": "ask",
            "open_anchor": "cohort_switch",
            "open_offset_days": 7,
            "open_days": 10,
            "reminders": {
                "after_days": [3, 7],
                "at_most": 2,
                "subject": "Again",
                "body": "Please [answer]({survey_link}).",
            },
            "questions": [
                {"key": "good", "text": "It is good.", "kind": "agree", "goal_keys": ["liked"]},
                {"key": "recommend", "text": "Recommend?", "kind": "nps"},
                {
                    "key": "what",
                    "text": "What?",
                    "kind": "single",
                    "choices": [{"key": "a", "text": "A"}, {"key": "b", "text": "B"}],
                },
            ],
        }
    ]


def goal() -> dict[str, Any]:
    return {
        "key": "liked",
        "title": "People like it",
        "kind": "user",
        "metric": "survey_agree",
        "params": {"survey": "poll", "question": "good"},
        "operator": ">=",
        "target": "80.5",
        "unit": "%",
        "how_measured": "By asking.",
        "when": "At the end",
        "owner_role": "LEAD",
    }


def risk() -> dict[str, Any]:
    return {
        "key": "late",
        "title": "Late",
        "likelihood": "low",
        "impact": "high",
        "mitigation": "Begin early.",
        "owner_role": "LEAD",
    }


def frame() -> dict[str, Any]:
    return {
        "key": "sample",
        "version": 1,
        "title": "Sample",
        "summary": "A sample.",
        "product_from": "Old",
        "product_to": "New",
        "window_days": 20,
        "pilot_days": 10,
        "roles": [
            {"code": "LEAD", "title": "Lead", "gist": "Leads.", "group": "Team"},
            {"code": "BOSS", "title": "Boss", "gist": "Decides.", "group": "Team"},
        ],
        "modes": [
            {
                "key": "before",
                "title": "Before",
                "policy_name": "P1",
                "meaning": "The old way.",
                "for_people": ["Nothing changes."],
                "allowed_next": ["after"],
            },
            {
                "key": "after",
                "title": "After",
                "policy_name": "P2",
                "meaning": "The new way.",
                "for_people": ["All changes."],
            },
        ],
        "cohort_recipe": {
            "pilot": {"start_offset_days": 10, "length_days": 12},
            "waves": 2,
            "wave_every_days": 7,
            "first_wave_offset_days": 5,
            "wave_length_days": 7,
        },
    }


def changing() -> dict[str, Any]:
    """How modes are changed and observed."""
    return {
        "observation": {
            "identity": ["Account"],
            "mode": ["Mode"],
            "result": ["Result"],
            "granted_as": ["OK"],
        },
        "mode_methods": [
            {
                "key": "all",
                "title": "All",
                "summary": "Everybody at once.",
                "people_per_file": 10,
                "identity": ["upn"],
                "scripts": ["grant"],
            }
        ],
        "scripts": [{"key": "grant", "title": "Grant", "text": "Grant <<policy>> @(<<people>>)"}],
    }


def sample() -> dict[str, Any]:
    """A fresh copy, free to be spoiled; it is valid as it stands."""
    return copy_of(
        {
            **frame(),
            **changing(),
            "stages": [{"key": "whole", "title": "Whole", "phases": phases()}],
            "journeys": [
                {
                    "key": "way",
                    "title": "Way",
                    "modes": ["before", "after"],
                    "summary": "From before to after.",
                    "default": True,
                }
            ],
            "goals": [goal()],
            "risks": [risk()],
            "readiness": [
                {"key": "how", "area": "All", "question": "How?", "answer": "text"},
                {
                    "key": "which",
                    "area": "All",
                    "question": "Which?",
                    "answer": "choice",
                    "choices": ["One", "Two"],
                },
            ],
            "messages": messages(),
            "surveys": surveys(),
            "milestones": [{"key": "go", "title": "Go", "anchor": "pilot_start", "offset_days": 0}],
        }
    )


def copy_of(data: dict[str, Any]) -> dict[str, Any]:
    """Through text, so that no two parts are one object and spoiling one leaves the other."""
    return dict(json.loads(json.dumps(data)))


def put(mapping: Any, path: str, value: object) -> None:
    """Set ``value`` at a path like ``messages.0.timing.anchor``; ``...`` deletes the key."""
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        mapping = mapping[part]
    if value is ...:
        del mapping[last]
    else:
        mapping[last] = value
