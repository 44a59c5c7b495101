"""What a participant says on their own page.

``visit`` ties a form to the person it was shown to.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cohorts.lengths import MOST_WORDS
from cohorts.models import Cohort, Participant
from cohorts.queries.choices import Choice
from rollout.my_moment import moment_of


class VisitForm(forms.Form):
    visit = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


def _words(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=MOST_WORDS,
        widget=forms.Textarea({"rows": 4}),
    )


class DateForm(VisitForm):
    """One of the dates that are open for choice. ``sure`` comes from the second step."""

    cohort = forms.ChoiceField(
        label=gettext_lazy("Which date suits you?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a date."),
            "invalid_choice": gettext_lazy("This date is no longer open. Choose another one."),
        },
    )
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        person: Participant,
        choices: Sequence[Choice],
        at: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cohorts: dict[str, Cohort] = {str(one.cohort.pk): one.cohort for one in choices}
        offered = [(str(one.cohort.pk), _in_words(person, one, at)) for one in choices]
        cast("forms.ChoiceField", self.fields["cohort"]).choices = offered

    def chosen(self) -> Cohort:
        return self.cohorts[self.cleaned_data["cohort"]]


def _in_words(person: Participant, choice: Choice, at: datetime) -> str:
    moment = moment_of(person, choice.cohort, at)
    words = _("%(day)s, %(clock)s, with %(cohort)s") % {
        "day": moment.day,
        "clock": moment.clock,
        "cohort": choice.cohort.name,
    }
    if choice.places is None:
        return words
    places = ngettext("%(n)s place left", "%(n)s places left", choice.places)
    return f"{words} · {places % {'n': choice.places}}"


class LaterForm(VisitForm):
    """A request for a later date."""

    reason = _words(
        gettext_lazy("Why?"),
        gettext_lazy("The project’s team reads it. Write nothing that they need not know."),
    )
    until = forms.DateField(
        label=gettext_lazy("By when at the latest?"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=gettext_lazy("Leave it empty if you do not know yet."),
    )
    to_cohort = forms.ChoiceField(label=gettext_lazy("Would one of these suit you?"))

    def __init__(
        self,
        *args: Any,
        person: Participant,
        cohorts: Sequence[Cohort],
        at: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cohorts = {str(cohort.pk): cohort for cohort in cohorts}
        field = cast("forms.ChoiceField", self.fields["to_cohort"])
        field.required = False
        field.choices = [
            ("", _("I do not know yet")),
            *((str(one.pk), _in_words(person, Choice(one, None), at)) for one in cohorts),
        ]
        if not cohorts:
            del self.fields["to_cohort"]

    def request(self) -> dict[str, Any]:
        """Arguments of ``ask_deferral``."""
        data = self.cleaned_data
        return {
            "reason": data["reason"],
            "until": data["until"],
            "to_cohort": self.cohorts.get(data.get("to_cohort", "")),
        }


class ProblemForm(VisitForm):
    text = _words(
        gettext_lazy("What is wrong?"),
        gettext_lazy("What did you do, what happened, and where?"),
    )
    is_blocking = forms.BooleanField(
        label=gettext_lazy("I could not work if I switched like this"), required=False
    )


class ChampionForm(VisitForm):
    """What the page asked for: sent twice it is still one wish."""

    wish = forms.ChoiceField(choices=[("yes", ""), ("no", "")], widget=forms.HiddenInput)
