"""The metrics a playbook may name and the parameters each takes.

Only names: how a metric is measured is registered in ``projects.metrics`` by the rooms that know.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MANUAL = "manual"


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """``one_of``: exactly one of these parameters must be given (empty: none is needed).

    ``question_kind`` is the kind of survey question it can count.
    """

    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    question_kind: str = ""

    @property
    def params(self) -> tuple[str, ...]:
        return (*self.needs, *self.one_of, *self.may)


# A go criterion asks about its own cohort, so it names none.
# `waves: first` narrows to the first wave; without it every wave counts.
MEASURES: Mapping[str, Measure] = {
    "survey_agree": Measure(
        needs=("survey",), one_of=("question", "questions"), question_kind="agree"
    ),
    "survey_nps": Measure(needs=("survey", "question"), question_kind="nps"),
    "survey_response_rate": Measure(needs=("survey",)),
    "told": Measure(may=("message", "cohort_kind")),
    "switched": Measure(may=("cohort_kind", "waves")),
    "verified": Measure(may=("cohort_kind",)),
    "steps_done": Measure(may=("phase", "steps")),
    "messages_sent": Measure(needs=("messages",), may=("waves",)),
    "cohort_people": Measure(),
    "people_without_address": Measure(),
    "open_blockers": Measure(),
    "previous_verified": Measure(),
    MANUAL: Measure(),
}

# Parameters with a fixed set of values; all others name a part of the playbook.
PARAM_CHOICES: Mapping[str, tuple[str, ...]] = {
    "cohort_kind": ("pilot", "wave"),
    "waves": ("first", "all"),
}
LIST_PARAMS = frozenset({"questions", "steps", "messages"})
