"""How an invented person answers: mostly content. The same dice give the same answers."""

import random
from collections.abc import Iterable, Mapping
from typing import Any

from surveys.enums import QuestionKind
from surveys.models import Question
from surveys.scoring import AGREE_POINTS, NPS_POINTS

AGREE_WEIGHTS = (1, 4, 9, 48, 38)
NPS_WEIGHTS = (1, 1, 1, 2, 2, 5, 8, 18, 26, 20, 16)
REMARKS = (
    "The chat history on my phone is what I was waiting for.",
    "Meetings start faster than before.",
    "My headset needed a restart twice in the first week.",
    "I could not find my contacts on the first morning, then they were there.",
    "The short training was just right. Please repeat it for the evening shift.",
    "From the workshop the sound breaks up; at my desk it is fine.",
    "Works. Thank you for telling us early.",
)


def answer(questions: Iterable[Question], dice: random.Random) -> Mapping[str, Any]:
    """{question key: value} as the public form would hand it over."""
    answers: dict[str, Any] = {}
    for question in questions:
        value = _value(question, dice)
        if value:
            answers[question.key] = value
    return answers


def _value(question: Question, dice: random.Random) -> str | list[str]:
    keys = [choice["key"] for choice in question.choices]
    match question.kind:
        case QuestionKind.AGREE:
            return dice.choices(AGREE_POINTS, AGREE_WEIGHTS)[0]
        case QuestionKind.NPS:
            return dice.choices(NPS_POINTS, NPS_WEIGHTS)[0]
        case QuestionKind.SINGLE:
            return dice.choice(keys)
        case QuestionKind.MULTI:
            return sorted(dice.sample(keys, k=min(len(keys), dice.choice((1, 1, 2)))))
    return dice.choice(REMARKS) if dice.random() < 0.4 else ""
