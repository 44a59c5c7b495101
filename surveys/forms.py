"""From a filled page to clean answers, and from a form to a survey's wording. Writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from surveys.enums import QuestionKind
from surveys.models import Invitation, Question, Survey
from surveys.scoring import NOT_APPLICABLE
from surveys.wording import AGREE_WORDS, NOT_APPLICABLE_WORDS, NPS_WORDS

LONGEST_TEXT = 4000
NUMBERED = (QuestionKind.AGREE, QuestionKind.NPS)
TEMPLATES: dict[str, str] = {QuestionKind.SINGLE: "choice", QuestionKind.MULTI: "choice"}
MISSING = {"required": _("Please choose an answer; we need this one.")}
MISSING_TEXT = {"required": _("Please write a few words; we need this one.")}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the page shows it: its number, its field, its choices as widgets."""

    number: int
    question: Question
    field: BoundField

    @property
    def template(self) -> str:
        return f"surveys/question_{TEMPLATES.get(self.question.kind, self.question.kind)}.html"

    @property
    def options(self) -> Sequence[Any]:
        return self.field.subwidgets

    @property
    def scale(self) -> Sequence[Any]:
        """The points of an agree scale, without "doesn't apply"."""
        return self.options[:-1]

    @property
    def not_applicable(self) -> Any:
        return self.options[-1]

    @property
    def words(self) -> str:
        """What was typed or chosen, in words, for a copy of the answers."""
        value = self.field.value()
        if self.question.kind == QuestionKind.TEXT or not value:
            return str(value or "").strip()
        chosen = {str(item) for item in (value if isinstance(value, list) else [value])}
        return ", ".join(str(words) for key, words in self.field.field.choices if key in chosen)

    @property
    def error_id(self) -> str:
        return f"{self.field.auto_id}_error" if self.field.errors else ""


class OpenForm(forms.Form):
    """The number of people that stood on the button."""

    people = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class AnswerForm(forms.Form):
    """The questions of one survey. ``is_draft`` asks for nothing: a half-filled page is fine."""

    use_required_attribute = False

    def __init__(
        self, questions: Sequence[Question], *args: Any, is_draft: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            field = _field(question)
            field.required = question.is_required and not is_draft
            self.fields[field_name(question)] = field

    def asked(self) -> Iterator[Asked]:
        for number, question in enumerate(self.questions, start=1):
            yield Asked(number=number, question=question, field=self[field_name(question)])

    def answers(self) -> dict[str, Any]:
        """Clean answers by question key, skipped questions left out. Only after is_valid()."""
        given = {}
        for question in self.questions:
            value = self.cleaned_data.get(field_name(question))
            if value not in (None, "", []):
                given[question.key] = _stored(question, value)
        return given

    def answered(self) -> int:
        """How many questions hold something on the page as it is shown."""
        return sum(self[field_name(q)].value() not in (None, "", []) for q in self.questions)


def field_name(question: Question) -> str:
    return f"q-{question.key}"


def blank_form(survey: Survey, data: Mapping[str, Any] | None = None) -> AnswerForm:
    """The survey's questions, asking for nothing."""
    return AnswerForm(list(survey.questions.all()), data, is_draft=True)


def kept_form(invitation: Invitation) -> AnswerForm:
    """The form as the person left it."""
    questions = list(invitation.survey.questions.all())
    draft = invitation.draft
    return AnswerForm(
        questions, initial={field_name(q): draft[q.key] for q in questions if q.key in draft}
    )


def sent_form(survey: Survey, data: Mapping[str, Any], *, is_draft: bool) -> AnswerForm:
    return AnswerForm(list(survey.questions.all()), data, is_draft=is_draft)


def _stored(question: Question, value: Any) -> Any:
    if question.kind in NUMBERED and value != NOT_APPLICABLE:
        return int(value)
    # A choice sent twice is chosen once.
    return list(dict.fromkeys(value)) if isinstance(value, list) else value


def _field(question: Question) -> forms.Field:
    if question.kind == QuestionKind.TEXT:
        return forms.CharField(
            label=question.text,
            max_length=LONGEST_TEXT,
            widget=forms.Textarea(attrs={"class": "form-control", "rows": 4}),
            error_messages=MISSING_TEXT,
        )
    if question.kind == QuestionKind.MULTI:
        return forms.MultipleChoiceField(
            label=question.text,
            choices=_choices(question),
            widget=forms.CheckboxSelectMultiple,
            error_messages=MISSING,
        )
    return forms.ChoiceField(
        label=question.text,
        choices=_choices(question),
        widget=forms.RadioSelect,
        error_messages=MISSING,
    )


def _choices(question: Question) -> Sequence[tuple[str, Any]]:
    if question.kind == QuestionKind.AGREE:
        return (*AGREE_WORDS, NOT_APPLICABLE_WORDS)
    if question.kind == QuestionKind.NPS:
        return NPS_WORDS
    return [(choice["key"], choice["text"]) for choice in question.choices]


class WordingForm(forms.Form):
    """Title, texts, days open and the wording of each question of a draft."""

    title = forms.CharField(label=_("Title"), max_length=200)
    intro = forms.CharField(
        label=_("Introduction"), max_length=4000, required=False, widget=forms.Textarea({"rows": 4})
    )
    thanks = forms.CharField(
        label=_("Thanks"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    open_days = forms.IntegerField(
        label=_("Open for days"),
        min_value=1,
        max_value=90,
        help_text=_("It closes at 23:59 on the last day, in the cohort’s time zone."),
    )

    def __init__(
        self, survey: Survey, questions: Sequence[Question], data: Mapping[str, Any] | None = None
    ) -> None:
        initial = {
            "title": survey.title,
            "intro": survey.intro,
            "thanks": survey.thanks,
            "open_days": survey.open_days,
            **{field_name(question): question.text for question in questions},
        }
        super().__init__(data, initial=initial)
        self.questions = questions
        for number, question in enumerate(questions, start=1):
            label = _("Question %(number)s: %(kind)s") % {
                "number": number,
                "kind": question.get_kind_display(),
            }
            self.fields[field_name(question)] = forms.CharField(label=label, max_length=500)

    def wording(self) -> dict[str, Any]:
        """The arguments of ``services.surveys.update_wording``. Only after is_valid()."""
        own = {name: self.cleaned_data[name] for name in ("title", "intro", "thanks", "open_days")}
        texts = {q.key: self.cleaned_data[field_name(q)] for q in self.questions}
        return {**own, "question_texts": texts}


class TextPageForm(forms.Form):
    """Where a page of free texts begins: below this response's id."""

    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
