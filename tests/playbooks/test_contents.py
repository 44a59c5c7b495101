"""What holds for every installed playbook, whatever it upgrades."""

from datetime import date, timedelta

import pytest

from playbooks.library import get_playbook, list_playbooks
from playbooks.measures import MANUAL
from playbooks.placeholders import names_in
from playbooks.schema import Playbook, Step
from projects.schedule import plan_schedule


@pytest.fixture(params=list_playbooks())
def playbook(request: pytest.FixtureRequest) -> Playbook:
    return get_playbook(request.param)


def typical_anchors(playbook: Playbook) -> dict[str, date]:
    """The dates of a project that starts on a Monday, with the playbook's own rhythm."""
    recipe, start = playbook.cohort_recipe, date(2038, 1, 4)
    pilot_start = start + timedelta(recipe.pilot.start_offset_days)
    pilot_end = pilot_start + timedelta(recipe.pilot.length_days)
    first_switch = pilot_end + timedelta(recipe.first_wave_offset_days)
    return {
        "project_start": start,
        "pilot_start": pilot_start,
        "pilot_end": pilot_end,
        "first_switch": first_switch,
        "last_switch": first_switch + timedelta(recipe.wave_every_days * (recipe.waves - 1)),
    }


def typical_dates(playbook: Playbook, step: Step) -> tuple[date, date]:
    anchors = typical_anchors(playbook)
    starts_on = anchors[step.anchor] + timedelta(step.offset_days)
    if step.until:
        until = anchors[step.until] + timedelta(step.until_offset_days)
        return starts_on, max(starts_on, until)
    return starts_on, starts_on + timedelta(step.length_days - 1)


def test_steps_begin_on_working_days(playbook: Playbook) -> None:
    weekend = [s.key for s in playbook.steps if typical_dates(playbook, s)[0].weekday() > 4]
    assert weekend == []


def test_no_step_begins_before_those_it_waits_for_have_begun(playbook: Playbook) -> None:
    starts = {step.key: typical_dates(playbook, step)[0] for step in playbook.steps}
    early = [
        (step.key, key)
        for step in playbook.steps
        for key in step.after
        if starts[step.key] < starts[key]
    ]
    assert early == []


def test_preparation_is_finished_before_the_next_step_begins(playbook: Playbook) -> None:
    """Up to the first switch each step ends before one that waits for it begins; later, cohorts
    overlap on purpose."""
    dates = {step.key: typical_dates(playbook, step) for step in playbook.steps}
    first_switch = typical_anchors(playbook)["first_switch"]
    late = [
        (step.key, key)
        for step in playbook.steps
        for key in step.after
        if dates[step.key][0] <= first_switch and dates[key][1] >= dates[step.key][0]
    ]
    assert late == []


def test_typical_length_is_what_until_gives_with_the_typical_waves(playbook: Playbook) -> None:
    for step in playbook.steps:
        if step.until:
            starts_on, ends_on = typical_dates(playbook, step)
            assert (step.key, step.length_days) == (step.key, (ends_on - starts_on).days + 1)


def test_plan_of_the_playbook_itself_gives_no_warning(playbook: Playbook) -> None:
    plan = plan_schedule(
        playbook,
        starts_on=date(2038, 1, 4),
        target_on=None,
        wave_count=playbook.cohort_recipe.waves,
        timezone="Europe/Berlin",
    )
    assert plan.warnings == ()
    assert {step.key: (step.starts_on, step.ends_on) for step in plan.steps} == {
        step.key: typical_dates(playbook, step) for step in playbook.steps
    }


@pytest.mark.parametrize("waves", [1, 2, 8])
def test_steps_until_the_last_switch_fit_any_number_of_waves(
    playbook: Playbook, waves: int
) -> None:
    plan = plan_schedule(
        playbook,
        starts_on=date(2038, 1, 4),
        target_on=None,
        wave_count=waves,
        timezone="Europe/Berlin",
    )
    for step in playbook.steps:
        if step.until == "last_switch":
            planned = plan.step(step.key)
            until = plan.anchors.last_switch + timedelta(step.until_offset_days)
            assert (step.key, planned.ends_on) == (step.key, max(planned.starts_on, until))


def test_survey_opens_so_that_it_closes_before_its_cohort_is_left(playbook: Playbook) -> None:
    recipe = playbook.cohort_recipe
    lengths = {"pilot": recipe.pilot.length_days, "wave": recipe.wave_length_days}
    for survey in playbook.surveys:
        assert survey.open_anchor == "cohort_switch"
        closes = survey.open_offset_days + survey.open_days
        assert closes <= lengths[survey.cohort_kind]


def test_playbook_is_rich_enough_for_the_whole_loop(playbook: Playbook) -> None:
    assert len(playbook.phases) >= 3
    assert len(list(playbook.steps)) >= 12
    metrics = {goal.metric for goal in playbook.goals}
    assert {MANUAL, "survey_agree", "survey_nps", "told", "steps_done"} <= metrics
    assert {survey.cohort_kind for survey in playbook.surveys} == {"pilot", "wave"}
    assert {message.cohort_kind for message in playbook.messages} == {"pilot", "wave", None}


def test_every_step_says_why_and_what(playbook: Playbook) -> None:
    for step in playbook.steps:
        assert min(len(step.why), len(step.produces), len(step.done_when.text)) > 10, step.key


def test_every_message_greets_and_signs(playbook: Playbook) -> None:
    for message in playbook.messages:
        if message.channel == "mail":
            names = names_in(message.body)
            assert (message.key, names[0], names[-1]) == (
                message.key,
                "person_name",
                "sender_name",
            )


def test_goals_fed_by_a_question_are_named_by_it(playbook: Playbook) -> None:
    fed = {
        goal_key
        for survey in playbook.surveys
        for question in survey.questions
        for goal_key in question.goal_keys
    }
    assert fed == {
        goal.key for goal in playbook.goals if goal.metric in ("survey_agree", "survey_nps")
    }


def test_playbooks_share_no_key_of_steps_modes_or_messages() -> None:
    """So that nothing can work for the second only because it is called like the first."""
    first, second = (get_playbook(key) for key in list_playbooks())
    for name in ("steps", "modes", "messages", "surveys", "goals", "journeys"):
        keys = {part.key for part in getattr(first, name)}
        assert keys & {part.key for part in getattr(second, name)} == set(), name
