"""What a playbook is made of: frozen values without behaviour, the same shape as the YAML.

Anchors, offsets and times here are rules ("21 days before the cohort's switch, at 09:00 in the
person's zone"); dates are worked out by the rooms that own them. Every sequence is a tuple.

Projects keep copies of playbooks, so a field added here needs a default, and none is renamed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from playbooks import snapshot
from playbooks.modes import ModeMethod, Observation, Script
from playbooks.texts import Late, TextTemplate

# The second part of each alias is the noun that error sentences use: "'x' is not an anchor".
ProjectAnchor: TypeAlias = Annotated[
    Literal[
        "project_start", "pilot_start", "pilot_end", "first_switch", "last_switch", "project_target"
    ],
    "a project anchor",
]
Anchor: TypeAlias = Annotated[
    Literal[
        "project_start",
        "pilot_start",
        "pilot_end",
        "first_switch",
        "last_switch",
        "project_target",
        "cohort_switch",
        "cohort_end",
        "survey_open",
    ],
    "an anchor",
]
CohortKind: TypeAlias = Annotated[Literal["pilot", "wave"], "a cohort kind"]
Operator: TypeAlias = Annotated[Literal[">=", ">", "<=", "<", "=="], "an operator"]
Unit: TypeAlias = Annotated[Literal["%", "score", "count", "days", "hours", "money"], "a unit"]
GoalKind: TypeAlias = Annotated[Literal["technical", "user", "business"], "a kind of goal"]
Level: TypeAlias = Annotated[Literal["low", "medium", "high"], "a level"]
Audience: TypeAlias = Annotated[
    Literal["stakeholders", "it_staff", "everyone", "cohort", "survey_unanswered"], "an audience"
]
Channel: TypeAlias = Annotated[Literal["mail", "banner"], "a channel"]
TimingZone: TypeAlias = Annotated[Literal["person", "cohort", "project"], "a kind of time zone"]
AnswerKind: TypeAlias = Annotated[Literal["text", "yes_no", "choice", "number"], "a kind of answer"]
QuestionKind: TypeAlias = Annotated[
    Literal["agree", "nps", "single", "multi", "text"], "a kind of question"
]
ParamValue: TypeAlias = str | tuple[str, ...]
Params: TypeAlias = Mapping[str, ParamValue]


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """Somebody the work needs; ``group`` gathers roles on the stakeholder page."""

    code: str
    title: str
    gist: str
    group: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRoles:
    """Role codes: who does it, who answers for it, who is asked, who is told."""

    responsible: tuple[str, ...]
    accountable: tuple[str, ...]
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DoneWhen:
    """A sentence for people and, unless a person decides, a metric against a threshold.

    ``metric``, ``operator`` and ``threshold`` are all given or all ``None`` (by hand).
    """

    text: str
    metric: str | None = None
    params: Params = field(default_factory=dict)
    operator: Operator | None = None
    threshold: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GoCriterion(DoneWhen):
    """What should hold before a cohort switches; a metric is asked about that cohort alone.

    Without ``cohort_kind`` it is asked of the pilot and of every wave.
    """

    cohort_kind: CohortKind | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    title: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """``starts = anchor + offset_days``; ``ends = starts + length_days - 1`` (calendar days).

    With ``until`` it ends on ``until + until_offset_days`` instead (never before it starts), so
    that it fits any number of cohorts; ``length_days`` is then only what is typical.
    """

    key: str
    title: str
    why: str
    produces: str
    roles: StepRoles
    after: tuple[str, ...] = ()
    anchor: ProjectAnchor
    offset_days: int
    length_days: int
    until: ProjectAnchor | None = None
    until_offset_days: int = 0
    done_when: DoneWhen
    message_keys: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    checklist: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """Dated from its steps; ``anchor`` is only where an empty phase would stand."""

    key: str
    title: str
    summary: str
    anchor: ProjectAnchor
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    key: str
    title: str
    phases: tuple[Phase, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mode:
    """A state of the product for one person; policy names are what the administrator grants.

    ``notify_policy_name`` also shows the banner in the old client; ``None`` where there is none.
    ``observed_as`` are further names of the mode in exports, beside its key, title and policies.
    ``for_people`` says what changes, ``to_do_before`` and ``on_the_day`` what people do themselves.
    """

    key: str
    title: str
    policy_name: str
    notify_policy_name: str | None = None
    meaning: str
    for_people: tuple[str, ...]
    allowed_next: tuple[str, ...] = ()
    observed_as: tuple[str, ...] = ()
    to_do_before: tuple[str, ...] = ()
    on_the_day: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """A way through the modes, first to last; exactly one journey is the default."""

    key: str
    title: str
    modes: tuple[str, ...]
    summary: str
    default: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PilotRecipe:
    """``pilot_start = project_start + start_offset_days``; ``pilot_end = pilot_start +
    length_days`` (the first day after the pilot, its assessment included)."""

    start_offset_days: int
    length_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortRecipe:
    """How cohorts are laid out: ``first_switch = pilot_end + first_wave_offset_days``, each
    further wave ``wave_every_days`` later. ``waves`` is the number offered in the wizard.

    ``wave_length_days`` is how long a wave is looked after: ``cohort_end`` after its switch.
    ``checklist`` and ``go_criteria`` are asked of each cohort before it switches: the former
    reminds, the latter decide.
    """

    pilot: PilotRecipe
    waves: int
    wave_every_days: int
    first_wave_offset_days: int
    wave_length_days: int
    checklist: tuple[str, ...] = ()
    go_criteria: tuple[GoCriterion, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class GoalTemplate:
    """``target`` is in ``unit``; ``metric`` "manual" means measurements are typed in."""

    key: str
    title: str
    kind: GoalKind
    metric: str
    params: Params = field(default_factory=dict)
    operator: Operator
    target: Decimal
    unit: Unit
    how_measured: str
    when: str
    owner_role: str
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskTemplate:
    key: str
    title: str
    likelihood: Level
    impact: Level
    mitigation: str
    owner_role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadinessQuestion:
    key: str
    area: str
    question: str
    answer: AnswerKind
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """``anchor + offset_days`` at ``time`` ("HH:MM") in that ``zone``; with ``working_day`` a
    weekend moves to the next working day."""

    anchor: Anchor
    offset_days: int
    time: str
    working_day: bool
    zone: TimingZone


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageTemplate:
    """``body`` is Markdown with ``{placeholders}``. Later than ``not_after_days`` days after its
    due date it is missed rather than sent. ``banner`` is shown by the product, not mailed.

    With ``calendar`` the cohort's switch comes along as a calendar entry. ``late`` is what becomes
    of who joins the cohort afterwards; they get the short text where it says so.
    """

    key: str
    title: str
    subject: str
    body: str
    audience: Audience
    cohort_kind: CohortKind | None = None
    timing: Timing
    not_after_days: int
    mandatory: bool
    channel: Channel
    sender_role: str
    step_keys: tuple[str, ...] = ()
    calendar: bool = False
    late: Late = "skip"
    short_subject: str | None = None
    short_body: str | None = None
    texts: tuple[TextTemplate, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReminderRule:
    """Days are counted from the invitation; never after an answer or after closing."""

    after_days: tuple[int, ...]
    at_most: int
    subject: str
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    key: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionTemplate:
    key: str
    text: str
    kind: QuestionKind
    required: bool = False
    choices: tuple[Choice, ...] = ()
    goal_keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyTemplate:
    """Planned to open on ``open_anchor + open_offset_days`` for each cohort of ``cohort_kind``;
    closes ``open_days`` days after it was really opened."""

    key: str
    title: str
    intro: str
    thanks: str
    cohort_kind: CohortKind
    anonymous: bool
    invitation_message: str
    open_anchor: Anchor
    open_offset_days: int
    open_days: int
    reminders: ReminderRule
    questions: tuple[QuestionTemplate, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone:
    key: str
    title: str
    anchor: ProjectAnchor
    offset_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Playbook:
    """One kind of upgrade as data. ``source`` says where it was read from, for people.

    ``window_days`` is the ceiling from first to last switch, both days counted, ``pilot_days`` the
    least a pilot lasts; both are warnings, not refusals. ``notes`` say what a reader of today must
    know.
    Without ``observation`` nothing can be verified, without ``mode_methods`` there are no scripts.
    """

    key: str
    version: int
    title: str
    summary: str
    product_from: str
    product_to: str
    roles: tuple[Role, ...]
    stages: tuple[Stage, ...]
    modes: tuple[Mode, ...]
    journeys: tuple[Journey, ...]
    window_days: int
    pilot_days: int
    cohort_recipe: CohortRecipe
    goals: tuple[GoalTemplate, ...]
    risks: tuple[RiskTemplate, ...]
    readiness: tuple[ReadinessQuestion, ...]
    messages: tuple[MessageTemplate, ...]
    surveys: tuple[SurveyTemplate, ...]
    milestones: tuple[Milestone, ...]
    notes: tuple[str, ...] = ()
    observation: Observation | None = None
    mode_methods: tuple[ModeMethod, ...] = ()
    scripts: tuple[Script, ...] = ()
    source: str = ""

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Phases of all stages, in order."""
        return tuple(phase for stage in self.stages for phase in stage.phases)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Steps of all phases, in order."""
        return tuple(step for phase in self.phases for step in phase.steps)

    @property
    def default_journey(self) -> Journey:
        return next(journey for journey in self.journeys if journey.default)

    def to_snapshot(self) -> dict[str, Any]:
        """The playbook as a canonical JSON-able dict, for the project to keep.

        ``playbooks.library.from_snapshot`` gives back an equal playbook.
        """
        return snapshot.to_snapshot(self)
