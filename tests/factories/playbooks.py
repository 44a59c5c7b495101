"""A tiny playbook built in Python: three phases, six steps, nothing of the real ones."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from playbooks.schema import (
    CohortRecipe,
    DoneWhen,
    GoalTemplate,
    Journey,
    Milestone,
    Mode,
    Phase,
    PilotRecipe,
    Playbook,
    ReadinessQuestion,
    RiskTemplate,
    Role,
    Stage,
    Step,
    StepRoles,
)

ROLES = (
    Role(code="LEAD", title="Lead", gist="Leads", group="Core"),
    Role(code="BOSS", title="Boss", gist="Decides", group="Core"),
)


RECIPE = CohortRecipe(
    pilot=PilotRecipe(start_offset_days=40, length_days=30),
    waves=3,
    wave_every_days=7,
    first_wave_offset_days=20,
    wave_length_days=10,
)


def tiny_step(key: str, anchor: str, offset: int, length: int, **more: Any) -> Step:
    given = {
        "key": key,
        "title": f"Do {key}",
        "why": f"Why {key}",
        "produces": f"The result of {key}",
        "roles": StepRoles(responsible=("LEAD",), accountable=("BOSS",)),
        "anchor": anchor,
        "offset_days": offset,
        "length_days": length,
        "done_when": DoneWhen(text="A person says so."),
    }
    return Step(**{**given, **more})


def tiny_phases() -> tuple[Phase, ...]:
    half = DoneWhen(
        text="Half of the first phase is done.",
        metric="steps_done",
        params={"phase": "think"},
        operator=">=",
        threshold=Decimal(50),
    )
    think = (
        tiny_step("think-1", "project_start", 0, 10),
        tiny_step("think-2", "project_start", 10, 10, after=("think-1",)),
    )
    practise = (
        tiny_step("try-1", "pilot_start", -7, 7, after=("think-2",), done_when=half),
        tiny_step("try-2", "pilot_start", 0, 30, after=("try-1",)),
    )
    go = (
        tiny_step("go-1", "first_switch", -14, 14, after=("try-2",), checklist=("Look twice",)),
        tiny_step("go-2", "first_switch", 0, 1, until="last_switch", after=("go-1",)),
        tiny_step("go-3", "last_switch", 1, 20, after=("go-2",)),
    )
    return (
        Phase(key="think", title="Think", summary="s", anchor="project_start", steps=think),
        Phase(key="try", title="Try", summary="s", anchor="pilot_start", steps=practise),
        Phase(key="go", title="Go", summary="s", anchor="first_switch", steps=go),
    )


def tiny_goals() -> tuple[GoalTemplate, ...]:
    return (
        GoalTemplate(
            key="progress",
            title="All steps done",
            kind="technical",
            metric="steps_done",
            operator=">=",
            target=Decimal(100),
            unit="%",
            how_measured="Counted.",
            when="Always",
            owner_role="LEAD",
        ),
        GoalTemplate(
            key="calls",
            title="Few poor calls",
            kind="business",
            metric="manual",
            operator="<",
            target=Decimal(3),
            unit="%",
            how_measured="Read off the report.",
            when="Weekly",
            owner_role="BOSS",
        ),
    )


def tiny_register() -> dict[str, Any]:
    """Risks and readiness questions."""
    risks = (
        RiskTemplate(
            key="noise",
            title="Too much at once",
            likelihood="medium",
            impact="high",
            mitigation="Smaller waves.",
            owner_role="LEAD",
        ),
    )
    readiness = (
        ReadinessQuestion(
            key="net", area="Network", question="Is it fast enough?", answer="yes_no"
        ),
        ReadinessQuestion(
            key="who",
            area="People",
            question="Which?",
            answer="choice",
            choices=("Some", "All"),
        ),
    )
    return {"risks": risks, "readiness": readiness}


def tiny_playbook(**changes: Any) -> Playbook:
    """Lead 40 days, pilot 30, gap 20, waves every 7 days; natural end 20 days after the last."""
    think, practise, go = tiny_phases()
    playbook = Playbook(
        key="tiny",
        version=1,
        title="Tiny",
        summary="A small upgrade.",
        product_from="Old",
        product_to="New",
        roles=ROLES,
        stages=(
            Stage(key="before", title="Before", phases=(think, practise)),
            Stage(key="after", title="After", phases=(go,)),
        ),
        modes=tuple(
            Mode(key=key, title=key.title(), policy_name=key, meaning="m", for_people=("p",))
            for key in ("old", "new")
        ),
        journeys=(
            Journey(key="straight", title="S", modes=("old", "new"), summary="s", default=True),
        ),
        window_days=22,
        pilot_days=30,
        cohort_recipe=RECIPE,
        goals=tiny_goals(),
        **tiny_register(),
        messages=(),
        surveys=(),
        source="tiny",
        milestones=(
            Milestone(key="pilot-over", title="Pilot over", anchor="pilot_end", offset_days=0),
            Milestone(key="all-moved", title="All moved", anchor="last_switch", offset_days=0),
        ),
    )
    return replace(playbook, **changes)
