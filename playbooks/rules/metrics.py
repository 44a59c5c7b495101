"""Metrics of goals and criteria: a known name, its parameters, and what these point at."""

from collections.abc import Iterator, Mapping

from playbooks.exceptions import Mistake
from playbooks.measures import LIST_PARAMS, MANUAL, MEASURES, PARAM_CHOICES, Measure
from playbooks.reading import suggest
from playbooks.rules.paths import located_criteria
from playbooks.rules.references import missing, missing_one
from playbooks.schema import Params, ParamValue, Playbook


def check_metrics(playbook: Playbook) -> Iterator[Mistake]:
    for at, goal in enumerate(playbook.goals):
        yield from _check_metric(playbook, f"goals[{at}]", goal.metric, goal.params)
    for path, criterion in located_criteria(playbook):
        given = [criterion.metric, criterion.operator, criterion.threshold]
        if criterion.metric is None:
            if criterion.params or any(part is not None for part in given):
                yield Mistake(path, "has no metric; name one or leave only the text (by hand)")
            continue
        if None in given:
            yield Mistake(path, "has a metric; it needs an operator and a threshold too")
        if criterion.metric == MANUAL:
            yield Mistake(f"{path}.metric", "leave the metric out where a person decides")
        yield from _check_metric(playbook, path, criterion.metric, criterion.params)


def _check_metric(playbook: Playbook, path: str, name: str, params: Params) -> Iterator[Mistake]:
    measure = MEASURES.get(name)
    if measure is None:
        yield Mistake(f"{path}.metric", f"'{name}' is not a metric; {suggest(name, MEASURES)}")
        return
    for key in measure.needs:
        if key not in params:
            yield Mistake(f"{path}.params.{key}", f"is missing; '{name}' needs it")
    if measure.one_of and sum(key in params for key in measure.one_of) != 1:
        yield Mistake(f"{path}.params", f"needs exactly one of {', '.join(measure.one_of)}")
    for key, value in params.items():
        if key not in measure.params:
            yield Mistake(
                f"{path}.params.{key}",
                f"is not a parameter of '{name}'; {suggest(key, measure.params)}",
            )
        elif isinstance(value, str) is (key in LIST_PARAMS):
            wanted = "a list" if key in LIST_PARAMS else "one text, not a list"
            yield Mistake(f"{path}.params.{key}", f"must be {wanted}")
        else:
            allowed = _allowed_values(playbook, measure, params)[key]
            yield from _check_value(f"{path}.params.{key}", key, value, allowed)


def _check_value(path: str, key: str, value: ParamValue, allowed: list[str]) -> Iterator[Mistake]:
    if isinstance(value, str):
        yield from missing_one(path, value, allowed, f"a known {key}")
        return
    yield from missing(path, value, allowed, f"one of the known {key}")
    if not value:
        yield Mistake(path, "must not be empty")


def _allowed_values(
    playbook: Playbook, measure: Measure, params: Params
) -> Mapping[str, list[str]]:
    messages = [message.key for message in playbook.messages]
    questions = [
        question.key
        for survey in playbook.surveys
        if survey.key == params.get("survey")
        for question in survey.questions
        if question.kind == measure.question_kind
    ]
    return {
        **{key: list(values) for key, values in PARAM_CHOICES.items()},
        "survey": [survey.key for survey in playbook.surveys],
        "question": questions,
        "questions": questions,
        "message": messages,
        "messages": messages,
        "phase": [phase.key for phase in playbook.phases],
        "steps": [step.key for step in playbook.steps],
    }
