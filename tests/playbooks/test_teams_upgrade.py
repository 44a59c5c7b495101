"""The first playbook holds the framework: its steps, roles, modes, journeys and rhythm."""

import pytest

from playbooks.library import get_playbook
from playbooks.measures import MANUAL
from playbooks.schema import Playbook

TITLES = {
    "plan-1": "Define your stakeholders",
    "plan-2": "Define your project vision and scope",
    "plan-3": "Define your project goals",
    "plan-4": "Identify risks and mitigation plans",
    "plan-5": "Define your timeline",
    "plan-6": "Define the upgrade and coexistence strategy",
    "prepare-1": "Assess your environment and complete technical onboarding",
    "prepare-2": "Optimise the network for calls and video",
    "prepare-3": "Assess change readiness and define teamwork scenarios",
    "prepare-4": "Prepare a user readiness plan",
    "prepare-5": "Announce the pending launch of Teams",
    "prepare-6": "Prepare your IT staff for Teams",
    "pilot-1": "Outline pilot logistics",
    "pilot-2": "Select pilot participants and test scenarios",
    "pilot-3": "Design your test plan and feedback survey",
    "pilot-4": "Create your pilot communications plan",
    "pilot-5": "Conduct your pilot",
    "pilot-6": "Assess learnings and decide how to go on",
    "deploy-1": "Announce the official launch of Teams",
    "deploy-2": "Enable the appropriate coexistence mode",
    "deploy-3": "Stay informed about the Teams roadmap",
    "deploy-4": "Send further communications and engage champions",
    "upgrade-1": "Confirm that pre-upgrade activities are complete",
    "upgrade-2": "Initiate communications to the first cohort",
    "upgrade-3": "Enable Teams only for the first cohort",
    "upgrade-4": "Repeat for the remaining cohorts",
    "upgrade-5": "Send post-upgrade feedback surveys",
    "operate-1": "Assess your upgrade success",
    "operate-2": "Implement a mitigation plan for goals that are off track",
    "operate-3": "Monitor network health and quality",
    "operate-4": "Drive user momentum and adoption",
    "operate-5": "Prepare for new functionality",
}
BEFORE_UPGRADE = tuple(list(TITLES)[:22])
AFTER = {
    "plan-1": (),
    "plan-2": ("plan-1",),
    "plan-3": ("plan-2",),
    "plan-4": ("plan-2",),
    "plan-5": ("plan-3", "plan-4"),
    "plan-6": ("plan-2",),
    "prepare-1": ("plan-6",),
    "prepare-2": ("plan-6",),
    "prepare-3": ("plan-6",),
    "prepare-4": ("prepare-3",),
    "prepare-5": ("prepare-4",),
    "prepare-6": ("prepare-1",),
    "pilot-1": tuple(f"prepare-{n}" for n in range(1, 7)),
    "pilot-2": ("pilot-1",),
    "pilot-3": ("pilot-2",),
    "pilot-4": ("pilot-2",),
    "pilot-5": ("pilot-3", "pilot-4"),
    "pilot-6": ("pilot-5",),
    "deploy-1": ("pilot-6",),
    "deploy-2": ("pilot-6", "plan-6"),
    "deploy-3": ("pilot-6",),
    "deploy-4": ("deploy-1",),
    "upgrade-1": BEFORE_UPGRADE,
    "upgrade-2": ("upgrade-1",),
    "upgrade-3": ("upgrade-2",),
    "upgrade-4": ("upgrade-3",),
    "upgrade-5": ("upgrade-3",),
    "operate-1": ("upgrade-4",),
    "operate-2": ("operate-1",),
    "operate-3": ("upgrade-3",),
    "operate-4": ("upgrade-5",),
    "operate-5": ("upgrade-4",),
}


@pytest.fixture
def teams() -> Playbook:
    return get_playbook("teams-upgrade")


def test_three_stages_hold_six_phases(teams: Playbook) -> None:
    stages = [(stage.title, tuple(phase.key for phase in stage.phases)) for stage in teams.stages]
    assert stages == [
        ("Pre-upgrade", ("plan", "prepare", "pilot", "deploy")),
        ("Upgrade", ("upgrade",)),
        ("Post-upgrade", ("operate",)),
    ]
    assert [len(phase.steps) for phase in teams.phases] == [6, 6, 6, 4, 5, 5]


def test_32_steps_stand_in_the_order_of_the_framework(teams: Playbook) -> None:
    assert [(step.key, step.title) for step in teams.steps] == list(TITLES.items())


def test_steps_wait_for_those_the_framework_names(teams: Playbook) -> None:
    assert {step.key: step.after for step in teams.steps} == AFTER


def test_18_roles_in_two_groups(teams: Playbook) -> None:
    groups: dict[str, list[str]] = {}
    for role in teams.roles:
        groups.setdefault(role.group, []).append(role.code)
    assert groups == {
        "Sponsors": ["ES", "BS", "DM", "HR", "PM"],
        "Project team": [
            *("CA", "NL", "SL", "SY", "AS", "TL", "SO"),
            *("DD", "IT", "SD", "CM", "MK", "TR"),
        ],
    }


def test_modes_are_granted_by_their_real_policy_names(teams: Playbook) -> None:
    assert [(m.key, m.policy_name, m.notify_policy_name) for m in teams.modes] == [
        ("SfBOnly", "SfBOnly", "SfBOnlyWithNotify"),
        ("Islands", "Islands", "IslandsWithNotify"),
        ("SfBWithTeamsCollab", "SfBWithTeamsCollab", "SfBWithTeamsCollabWithNotify"),
        (
            "SfBWithTeamsCollabAndMeetings",
            "SfBWithTeamsCollabAndMeetings",
            "SfBWithTeamsCollabAndMeetingsWithNotify",
        ),
        ("TeamsOnly", "UpgradeToTeams", None),
    ]


def test_modes_lead_only_forward(teams: Playbook) -> None:
    assert {mode.key: mode.allowed_next for mode in teams.modes} == {
        "SfBOnly": (
            "Islands",
            "SfBWithTeamsCollab",
            "SfBWithTeamsCollabAndMeetings",
            "TeamsOnly",
        ),
        "Islands": ("SfBWithTeamsCollab", "TeamsOnly"),
        "SfBWithTeamsCollab": ("SfBWithTeamsCollabAndMeetings", "TeamsOnly"),
        "SfBWithTeamsCollabAndMeetings": ("TeamsOnly",),
        "TeamsOnly": (),
    }


def test_default_journey_is_the_sample_of_the_framework(teams: Playbook) -> None:
    assert teams.default_journey.modes == ("Islands", "TeamsOnly")


def test_pilot_and_four_waves_fit_the_window(teams: Playbook) -> None:
    recipe = teams.cohort_recipe
    assert (teams.pilot_days, recipe.pilot.length_days, recipe.waves) == (30, 45, 4)
    assert (teams.window_days, recipe.wave_every_days) == (45, 14)
    assert recipe.wave_every_days * (recipe.waves - 1) <= teams.window_days


def test_messages_leave_when_the_framework_says(teams: Playbook) -> None:
    assert [
        (m.key, m.audience, m.cohort_kind, m.timing.anchor, m.timing.offset_days)
        for m in teams.messages
    ] == [
        ("C1", "stakeholders", None, "first_switch", -28),
        ("C2", "it_staff", None, "pilot_start", -32),
        ("C3", "everyone", None, "pilot_start", -28),
        ("C4", "everyone", None, "pilot_end", 7),
        ("C5", "everyone", None, "pilot_end", 13),
        ("P1", "cohort", "pilot", "cohort_switch", -7),
        ("P2", "cohort", "pilot", "cohort_switch", 0),
        ("P3", "cohort", "pilot", "cohort_switch", 14),
        ("P4", "cohort", "pilot", "survey_open", 0),
        ("U1", "cohort", "wave", "cohort_switch", -21),
        ("U2", "cohort", "wave", "cohort_switch", -7),
        ("U3", "cohort", "wave", "cohort_switch", -5),
        ("U4", "cohort", "wave", "cohort_switch", 0),
        ("U5", "cohort", "wave", "survey_open", 0),
        ("U6", "cohort", "wave", "cohort_switch", 28),
    ]
    assert [m.key for m in teams.messages if m.channel == "banner"] == ["U2"]


def test_surveys_are_short_and_remind_at_most_twice(teams: Playbook) -> None:
    assert [
        (s.key, s.cohort_kind, s.invitation_message, s.reminders.after_days, s.reminders.at_most)
        for s in teams.surveys
    ] == [
        ("pilot-feedback", "pilot", "P4", (3, 7), 2),
        ("post-upgrade", "wave", "U5", (3, 7), 2),
    ]
    assert [len(survey.questions) for survey in teams.surveys] == [8, 8]


def test_goals_come_from_answers_the_ledger_the_steps_and_by_hand(teams: Playbook) -> None:
    assert [(g.key, g.kind, g.metric, g.operator, g.target) for g in teams.goals] == [
        ("poor-calls", "technical", MANUAL, "<", 3),
        ("ready-on-time", "technical", "steps_done", ">=", 100),
        ("all-switched", "technical", "switched", ">=", 100),
        ("all-told", "user", "told", ">=", 98),
        ("pilot-participation", "user", "survey_response_rate", ">=", 90),
        ("as-good", "user", "survey_agree", ">=", 80),
        ("training", "user", "survey_agree", ">=", 80),
        ("recommend", "user", "survey_nps", ">", 0),
        ("active-use", "user", MANUAL, ">=", 60),
        ("savings", "business", MANUAL, ">=", 100),
    ]


def test_step_whose_output_is_a_message_is_done_when_it_is_sent(teams: Playbook) -> None:
    by_message = {
        step.key: step.done_when.params["messages"]
        for step in teams.steps
        if step.done_when.metric == "messages_sent"
    }
    assert by_message == {
        "prepare-5": ("C3",),
        "pilot-4": ("P1",),
        "deploy-1": ("C4",),
        "deploy-4": ("C5",),
        "upgrade-2": ("U1", "U2", "U3"),
        "upgrade-5": ("U5",),
        "operate-4": ("U6",),
    }


def test_upgrade_is_confirmed_when_all_22_steps_before_it_are_done(teams: Playbook) -> None:
    confirm = next(step for step in teams.steps if step.key == "upgrade-1")
    assert confirm.done_when.params == {"steps": BEFORE_UPGRADE}


def test_notes_say_what_has_changed(teams: Playbook) -> None:
    said = " ".join(teams.notes)
    for fact in ("31 July 2021", "Move-CsUser", "14 October 2025", "UpgradeToTeams", "30 days"):
        assert fact in said
