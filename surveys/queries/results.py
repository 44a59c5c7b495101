"""What was answered, question by question, in a fixed number of queries. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from surveys.enums import QuestionKind
from surveys.models import Question, Response, Survey
from surveys.queries.tallies import Tally, tally
from surveys.scoring import (
    DETRACTORS,
    NOT_APPLICABLE,
    PASSIVES,
    PROMOTERS,
    SMALLEST_GROUP,
    Score,
    agreement,
    promoter_score,
)
from surveys.wording import AGREE_WORDS, NOT_APPLICABLE_WORDS, NPS_WORDS

TEXTS_A_PAGE = 50
EXPORT_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Bar:
    """One possible answer: how many chose it, out of ``people`` who answered the question."""

    key: str
    words: str
    count: int
    people: int

    @property
    def share(self) -> Decimal:
        """Percent with one decimal; several choices may add up to more than 100."""
        return round(Decimal(100 * self.count) / self.people, 1) if self.people else Decimal(0)


@dataclass(frozen=True, slots=True)
class NpsGroup:
    """A part of the bar: where it begins and how wide it is, in percent."""

    key: str
    x: Decimal
    width: Decimal


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """``score`` for scales only; ``bars`` in the order of the page; nothing where ``is_hidden``."""

    question: Question
    people: int
    score: Score | None
    bars: tuple[Bar, ...]
    is_hidden: bool

    @property
    def anchor(self) -> str:
        return f"question-{self.question.position}"

    @property
    def nps(self) -> dict[str, int]:
        """How many of those who gave a number belong to each group."""
        counts = {bar.key: bar.count for bar in self.bars}
        groups = {"promoters": PROMOTERS, "passives": PASSIVES, "detractors": DETRACTORS}
        return {
            name: sum(counts.get(point, 0) for point in points) for name, points in groups.items()
        }

    @property
    def nps_bar(self) -> list[NpsGroup]:
        """Detractors, passives and promoters side by side over the whole width."""
        x, parts = Decimal(0), []
        for key in ("detractors", "passives", "promoters"):
            width = round(Decimal(100 * self.nps[key]) / (self.people or 1), 1)
            parts.append(NpsGroup(key=key, x=x, width=width))
            x += width
        return parts


def question_results(survey: Survey) -> list[QuestionResult]:
    """One result for each question, in three queries.

    Few answers to an anonymous survey stay hidden.
    """
    tallies = tally([survey.pk])
    return [
        _result(survey, question, tallies.get(question.key, Tally()))
        for question in survey.questions.all()
    ]


def _result(survey: Survey, question: Question, found: Tally) -> QuestionResult:
    hidden = survey.is_anonymous and 0 < found.people < SMALLEST_GROUP
    if hidden:
        return QuestionResult(question, found.people, None, (), is_hidden=True)
    return QuestionResult(
        question=question,
        people=found.people,
        score=_score(question, found),
        bars=tuple(_bars(question, found)),
        is_hidden=False,
    )


def _score(question: Question, found: Tally) -> Score | None:
    if question.kind == QuestionKind.AGREE:
        return agreement(found.counts)
    if question.kind == QuestionKind.NPS:
        return promoter_score(found.counts)
    return None


def _bars(question: Question, found: Tally) -> Iterator[Bar]:
    for key, words in choices_of(question):
        yield Bar(key=key, words=words, count=found.counts.get(key, 0), people=found.people)


def choices_of(question: Question) -> Sequence[tuple[str, str]]:
    """Every answer this question knows, with its words; none for a text."""
    if question.kind == QuestionKind.AGREE:
        return [(key, str(words)) for key, words in (*AGREE_WORDS, NOT_APPLICABLE_WORDS)]
    if question.kind == QuestionKind.NPS:
        return [(key, str(words)) for key, words in NPS_WORDS]
    return [(choice["key"], choice["text"]) for choice in question.choices]


# ---- free texts and the export


@dataclass(frozen=True, slots=True)
class TextPage:
    texts: tuple[str, ...]
    next_before: int | None


def texts_page(survey: Survey, question: Question, before: int | None) -> TextPage:
    """Texts from the newest back, below the response ``before``; one query, a page at a time."""
    rows = Response.objects.filter(survey=survey, answers__has_key=question.key)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk").values_list("pk", "answers")[: TEXTS_A_PAGE + 1])
    shown = found[:TEXTS_A_PAGE]
    has_more = len(found) > TEXTS_A_PAGE
    return TextPage(
        texts=tuple(answers[question.key] for _pk, answers in shown),
        next_before=shown[-1][0] if has_more else None,
    )


def is_too_small(survey: Survey, answered: int) -> bool:
    """An anonymous survey whose few answers would have faces."""
    return survey.is_anonymous and answered < SMALLEST_GROUP


def export_rows(survey: Survey, questions: Sequence[Question]) -> Iterator[list[Any]]:
    """The day and the answers of each response in words, without names; one query, streamed."""
    words = {question.key: dict(choices_of(question)) for question in questions}
    rows = Response.objects.filter(survey=survey).order_by("pk")
    for submitted_at, answers in rows.values_list("submitted_at", "answers").iterator(EXPORT_CHUNK):
        yield [
            submitted_at.date().isoformat(),
            *(_cell(question, answers.get(question.key), words) for question in questions),
        ]


def _cell(question: Question, value: Any, words: dict[str, dict[str, str]]) -> Any:
    """Points of a scale stay numbers, for a spreadsheet to count with."""
    if value is None or isinstance(value, int):
        return value
    if question.kind == QuestionKind.TEXT:
        return value
    if value == NOT_APPLICABLE:
        return str(NOT_APPLICABLE_WORDS[1])
    chosen = value if isinstance(value, list) else [value]
    return "; ".join(words[question.key].get(key, str(key)) for key in chosen)
