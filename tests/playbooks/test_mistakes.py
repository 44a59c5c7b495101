"""Every way to get a playbook wrong has one sentence that names the key."""

import pytest

from playbooks.exceptions import PlaybookError
from playbooks.parsing import parse
from tests.playbooks.samples import put, sample

STEP_0, STEP_1 = "stages.0.phases.0.steps.0", "stages.0.phases.0.steps.1"
TOLD = "stages.0.phases.1.steps.0"
FIRST, SECOND = "stages[0].phases[0].steps[0]", "stages[0].phases[0].steps[1]"
LAST = "stages[0].phases[1].steps[0]"

SHAPES = [
    ("title", ..., "title: is missing"),
    ("titel", "x", "titel: unknown key; did you mean 'title'? use one of key, version, title,"),
    (f"{STEP_0}.colour", "red", f"{FIRST}.colour: unknown key; use one of key, title, why,"),
    (f"{STEP_0}.why", ..., f"{FIRST}.why: is missing"),
    ("version", "one", "version: must be a whole number, not 'one'"),
    ("version", True, "version: must be a whole number, not 'True'"),
    ("title", 7, "title: must be a text, not '7'"),
    ("title", "  ", "title: must not be empty; leave the key out or write a text"),
    ("title", "a\0b", "title: must not hold a NUL character"),
    ("roles", {"LEAD": "x"}, "roles: must be a list, not a mapping"),
    ("roles.0", "LEAD", "roles[0]: must be a mapping of keys, not 'LEAD'"),
    ("goals.0.target", "many", "goals[0].target: must be a number, not 'many'"),
    ("goals.0.target", "NaN", "goals[0].target: must be a number, not 'NaN'"),
    ("goals.0.target", 0.1, "goals[0].target: must be a number, not '0.1'"),
    ("goals.0.params", [], "goals[0].params: must be a mapping of keys, not a list"),
    ("messages.0.mandatory", "yes", "messages[0].mandatory: must be true or false, not 'yes'"),
    ("surveys.0.intro", None, "surveys[0].intro: must be a text, not nothing"),
    (
        "messages.0.timing.anchor",
        "cohort_swich",
        "messages[0].timing.anchor: 'cohort_swich' is not an anchor; did you mean 'cohort_switch'?",
    ),
    (
        f"{STEP_0}.anchor",
        "cohort_switch",
        f"{FIRST}.anchor: 'cohort_switch' is not a project anchor;",
    ),
    ("goals.0.operator", "=>", "goals[0].operator: '=>' is not an operator;"),
    ("risks.0.impact", "huge", "risks[0].impact: 'huge' is not a level; use one of low, medium,"),
]
KEYS = [
    ("key", "two words", "key: 'two words' is not a key;"),
    ("roles.1.code", "LEAD", "roles[1].code: 'LEAD' stands twice; first as roles[0].code"),
    ("modes.1.key", "before", "modes[1].key: 'before' stands twice"),
    ("messages.1.key", "hello", "messages[1].key: 'hello' stands twice"),
    (f"{STEP_1}.key", "first-1", f"{SECOND}.key: 'first-1' stands twice"),
    ("stages.0.phases.1.key", "first", "stages[0].phases[1].key: 'first' stands twice"),
    ("surveys.0.questions.1.key", "good", "surveys[0].questions[1].key: 'good' stands twice"),
    (
        "surveys.0.questions.2.choices.1.key",
        "a",
        "surveys[0].questions[2].choices[1].key: 'a' stands twice",
    ),
    ("readiness.1.key", "how", "readiness[1].key: 'how' stands twice"),
]
REFERENCES = [
    (
        f"{STEP_0}.roles.responsible",
        ["LEADER"],
        f"{FIRST}.roles.responsible[0]: 'LEADER' is not a role; did you mean 'LEAD'? use one of",
    ),
    ("goals.0.owner_role", "X", "goals[0].owner_role: 'X' is not a role; use one of LEAD, BOSS"),
    ("risks.0.owner_role", "X", "risks[0].owner_role: 'X' is not a role;"),
    ("messages.0.sender_role", "X", "messages[0].sender_role: 'X' is not a role;"),
    (f"{STEP_1}.after", ["first-9"], f"{SECOND}.after[0]: 'first-9' is not a step;"),
    (f"{TOLD}.message_keys", ["hullo"], f"{LAST}.message_keys[0]: 'hullo' is not a message;"),
    (f"{TOLD}.message_keys", [], "messages[0].step_keys[0]: step 'second-1' does not name this"),
    ("messages.0.step_keys", [], f"{LAST}.message_keys[0]: message 'hello' does not name this"),
    ("messages.0.step_keys", ["second-1", "x-1"], "messages[0].step_keys[1]: 'x-1' is not a step;"),
    ("modes.0.allowed_next", ["afar"], "modes[0].allowed_next[0]: 'afar' is not a mode;"),
    ("journeys.0.modes", ["before", "x"], "journeys[0].modes[1]: 'x' is not a mode;"),
    (
        "journeys.0.modes",
        ["after", "before"],
        "journeys[0].modes[1]: mode 'after' does not allow 'before' next",
    ),
    ("surveys.0.invitation_message", "x", "surveys[0].invitation_message: 'x' is not a message;"),
    ("surveys.0.questions.0.goal_keys", ["x"], "surveys[0].questions[0].goal_keys[0]: 'x' is not"),
]
MODES = [
    ("mode_methods.0.scripts", ["x"], "mode_methods[0].scripts[0]: 'x' is not a script;"),
    ("mode_methods.0.scripts", [], "mode_methods[0].scripts: must not be empty"),
    ("mode_methods.0.identity", ["name"], "mode_methods[0].identity[0]: 'name' is not a fact that"),
    ("mode_methods.0.identity", [], "mode_methods[0].identity: must not be empty"),
    ("mode_methods.0.people_per_file", 0, "mode_methods[0].people_per_file: must be 1 or more"),
    ("mode_methods", [], "scripts[0].key: no method has the script 'grant'"),
    ("scripts.0.text", "<<polizy>>", "scripts[0].text: <<polizy>> is not a placeholder; did you"),
    ("scripts.0.text", ..., "scripts[0].text: is missing"),
    ("observation.mode", [], "observation.mode: must not be empty"),
    ("observation.identity", [], "observation.identity: must not be empty"),
    ("observation.granted_as", [], "observation.granted_as: belongs to 'result', and that needs"),
]
METRICS = [
    ("goals.0.metric", "mood", "goals[0].metric: 'mood' is not a metric; use one of survey_agree,"),
    ("goals.0.params", {}, "goals[0].params.survey: is missing; 'survey_agree' needs it"),
    (
        "goals.0.params",
        {"survey": "poll"},
        "goals[0].params: needs exactly one of question, questions",
    ),
    (
        "goals.0.params",
        {"survey": "pole", "question": "good"},
        "goals[0].params.survey: 'pole' is not a known survey; did you mean 'poll'?",
    ),
    (
        "goals.0.params",
        {"survey": "poll", "question": "recommend"},
        "goals[0].params.question: 'recommend' is not a known question; use one of good",
    ),
    (
        "goals.0.params",
        {"survey": "poll", "question": ["good"]},
        "goals[0].params.question: must be one text, not a list",
    ),
    (
        "goals.0.params",
        {"survey": "poll", "question": "good", "wave": "1"},
        "goals[0].params.wave: is not a parameter of 'survey_agree';",
    ),
    (
        f"{TOLD}.done_when.params",
        {"messages": "hello"},
        f"{LAST}.done_when.params.messages: must be a list",
    ),
    (
        f"{TOLD}.done_when.params",
        {"messages": []},
        f"{LAST}.done_when.params.messages: must not be empty",
    ),
    (
        f"{TOLD}.done_when.params",
        {"messages": ["hallo"]},
        f"{LAST}.done_when.params.messages[0]: 'hallo' is not one of the known messages;",
    ),
    (
        f"{TOLD}.done_when.params",
        {"messages": ["hello"], "waves": "last"},
        f"{LAST}.done_when.params.waves: 'last' is not a known waves; use one of first, all",
    ),
    (
        f"{TOLD}.done_when.operator",
        ...,
        f"{LAST}.done_when: has a metric; it needs an operator and a threshold too",
    ),
    (
        f"{TOLD}.done_when.metric",
        ...,
        f"{LAST}.done_when: has no metric; name one or leave only the text (by hand)",
    ),
    (
        f"{STEP_0}.done_when",
        {"text": "x", "metric": "manual", "operator": ">=", "threshold": 1},
        f"{FIRST}.done_when.metric: leave the metric out where a person decides",
    ),
]
PLAN = [
    (
        f"{STEP_0}.after",
        ["first-1"],
        f"{FIRST}.after: steps wait for each other: first-1 → first-1",
    ),
    (
        f"{STEP_0}.after",
        ["second-1"],
        f"{FIRST}.after: steps wait for each other: first-1 → second-1 → first-",
    ),
    (f"{STEP_1}.key", "first-3", f"{SECOND}.key: 'first-3' is out of order; here stands 'first-2'"),
    (f"{STEP_1}.offset_days", -1, f"{SECOND}.offset_days: starts before 'first-1', which it waits"),
    (f"{STEP_0}.length_days", 0, f"{FIRST}.length_days: must be 1 or more, not 0"),
    ("version", 0, "version: must be 1 or more, not 0"),
    ("window_days", 0, "window_days: must be 1 or more, not 0"),
    ("cohort_recipe.waves", 0, "cohort_recipe.waves: must be 1 or more, not 0"),
    ("roles", [], "roles: must not be empty"),
    ("stages.0.phases.1.steps", [], "stages[0].phases[1].steps: must not be empty"),
    (f"{STEP_0}.roles.responsible", [], f"{FIRST}.roles.responsible: needs at least one role"),
    (
        f"{STEP_0}.roles.accountable",
        ["LEAD", "BOSS"],
        f"{FIRST}.roles.accountable: needs exactly one role",
    ),
]
CONTENT = [
    ("journeys.0.default", False, "journeys: exactly one journey is the default, here: none"),
    ("journeys.0.modes", ["before"], "journeys[0].modes: needs a first and a last mode"),
    ("readiness.0.choices", ["a", "b"], "readiness[0].choices: two or more belong to the answer"),
    ("readiness.1.choices", ["a"], "readiness[1].choices: two or more belong to the answer"),
    (
        f"{STEP_0}.resources",
        [{"title": "x", "url": "javascript:alert(1)"}],
        f"{FIRST}.resources[0].url: 'javascript:alert(1)' is not a link",
    ),
]
TEXTS = [
    ("messages.0.body", "Dear {person}", "messages[0].body: {person} is not a placeholder;"),
    (
        "messages.0.subject",
        "{person_name.__class__}",
        "messages[0].subject: {person_name.__class__} is not a placeholder;",
    ),
    (
        "messages.0.body",
        "{survey_link}",
        "messages[0].body: {survey_link} has no value in this message;",
    ),
    ("messages.0.subject", "a\nb", "messages[0].subject: must be one line"),
    ("messages.0.timing.time", "9:00", "messages[0].timing.time: '9:00' is not a time;"),
    ("messages.0.timing.time", "24:00", "messages[0].timing.time: '24:00' is not a time;"),
    ("messages.0.not_after_days", 0, "messages[0].not_after_days: must be 1 or more, not 0"),
    ("messages.0.audience", "everyone", "messages[0].cohort_kind: belongs to the audience"),
    ("messages.0.cohort_kind", ..., "messages[0].cohort_kind: belongs to the audience 'cohort'"),
    ("messages.0.calendar", "yes", "messages[0].calendar: must be true or false, not 'yes'"),
    ("messages.0.timing.anchor", "survey_open", "messages[0].timing.anchor: 'survey_open' is the"),
    (
        "messages.1.timing.anchor",
        "cohort_switch",
        "messages[1].timing.anchor: 'survey_open' is the anchor of a survey's invitation",
    ),
    ("surveys.0.reminders.body", "Hi {x} {survey_link}", "surveys[0].reminders.body: {x} is not a"),
    ("surveys.0.intro", "Hi {person_name}", "surveys[0].intro: this text has no placeholders"),
]
GERMAN = {"language": "de", "subject": "Hallo", "body": "{person_name}, am {switch_date}."}
LANGUAGES = [
    (
        "messages.0.texts",
        [{**GERMAN, "body": "Am {switch_date}."}],
        "messages[0].texts[0].body: {person_name} of the message's own text is missing",
    ),
    (
        "messages.0.texts",
        [{**GERMAN, "body": "{person_name} {switch_date} {gehalt}"}],
        "messages[0].texts[0].body: {gehalt} is not a placeholder;",
    ),
    ("messages.0.texts", [{**GERMAN, "subject": "a\nb"}], "messages[0].texts[0].subject: must be"),
    (
        "messages.0.texts",
        [{**GERMAN, "language": "German"}],
        "messages[0].texts[0].language: 'German' is not a language; write it as 'de' or 'de-at'",
    ),
    ("messages.0.texts", [GERMAN, GERMAN], "messages[0].texts[1].language: 'de' stands here twice"),
    ("messages.0.late", "short", "messages[0].late: 'short' needs a short_subject and"),
    ("messages.0.late", "later", "messages[0].late: 'later' is not what becomes of latecomers;"),
    ("messages.0.short_body", "{typo}", "messages[0].short_body: {typo} is not a placeholder;"),
]
SURVEYS = [
    ("surveys.0.cohort_kind", "wave", "surveys[0].cohort_kind: its invitation 'ask' has another"),
    ("messages.1.channel", "banner", "messages[1].channel: an invitation goes by mail"),
    ("messages.1.body", "Hello", "messages[1].body: an invitation needs {survey_link}"),
    ("surveys.0.reminders.body", "Hello", "surveys[0].reminders.body: a reminder needs"),
    ("surveys.0.reminders.after_days", [7, 3], "surveys[0].reminders.after_days: must rise"),
    ("surveys.0.reminders.after_days", [3, 10], "surveys[0].reminders.after_days[1]: 10 is not in"),
    ("surveys.0.reminders.at_most", 3, "surveys[0].reminders.at_most: must be between 0 and 2"),
    ("surveys.0.open_days", 0, "surveys[0].open_days: must be 1 or more, not 0"),
    ("surveys.0.open_anchor", "survey_open", "surveys[0].open_anchor: a survey cannot open"),
    ("surveys.0.questions.2.choices", [], "surveys[0].questions[2].choices: a 'single' question"),
    (
        "surveys.0.questions.0.choices",
        [{"key": "a", "text": "A"}],
        "surveys[0].questions[0].choices: a 'agree' question has none",
    ),
]


def test_sample_is_a_playbook_until_it_is_spoiled() -> None:
    assert parse(sample(), "sample").key == "sample"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [*SHAPES, *KEYS, *REFERENCES, *MODES, *METRICS, *PLAN, *CONTENT, *TEXTS, *LANGUAGES, *SURVEYS],
)
def test_one_mistake_is_named_with_its_key(path: str, value: object, sentence: str) -> None:
    spoiled = sample()
    put(spoiled, path, value)
    with pytest.raises(PlaybookError) as caught:
        parse(spoiled, "folder")
    assert str(caught.value).startswith(f"folder: {sentence}")


def test_step_may_not_wait_for_a_later_one_that_does_not_wait_for_it() -> None:
    spoiled = sample()
    put(spoiled, f"{STEP_1}.after", [])
    put(spoiled, f"{TOLD}.after", [])
    put(spoiled, f"{STEP_0}.after", ["second-1"])
    with pytest.raises(PlaybookError, match="'second-1' comes later in the playbook"):
        parse(spoiled, "folder")


def test_two_surveys_may_not_share_an_invitation() -> None:
    spoiled = sample()
    spoiled["surveys"].append({**spoiled["surveys"][0], "key": "other"})
    with pytest.raises(PlaybookError) as caught:
        parse(spoiled, "folder")
    assert str(caught.value) == (
        "folder: surveys[1].invitation_message: already invites to survey 'poll'"
    )
