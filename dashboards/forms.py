"""The filter of the cohort board; it lives in the address."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from cohorts.enums import CohortKind, CohortStatus
from dashboards.queries.board import BoardFilter
from projects.models import Project

ALL = ("", gettext_lazy("All"))


class Choice(forms.ChoiceField):
    default_error_messages = {
        "invalid_choice": gettext_lazy("“%(value)s” is not in the list. Choose another."),
    }


class BoardForm(forms.Form):
    """``projects`` empty: the board of one project, which has no choice of projects."""

    project = Choice(label=gettext_lazy("Project"), required=False)
    kind = Choice(label=gettext_lazy("Kind"), required=False)
    status = Choice(label=gettext_lazy("Status"), required=False)
    month = Choice(label=gettext_lazy("Switch in"), required=False)

    def __init__(
        self, *args: Any, projects: Sequence[Project], months: Sequence[date], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.projects = {project.slug: project for project in projects}
        if projects:
            self._offer("project", [(p.slug, p.name) for p in projects])
        else:
            del self.fields["project"]
        self._offer("kind", [(value, capfirst(label)) for value, label in CohortKind.choices])
        self._offer("status", [(value, capfirst(label)) for value, label in CohortStatus.choices])
        self._offer("month", [(f"{day:%Y-%m}", date_format(day, "F Y")) for day in months])

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = [ALL, *choices]

    def wanted(self) -> BoardFilter:
        data = self.cleaned_data
        return BoardFilter(
            project=self.projects.get(data.get("project", "")),
            kind=CohortKind(data["kind"]) if data["kind"] else None,
            status=CohortStatus(data["status"]) if data["status"] else None,
            month=date.fromisoformat(f"{data['month']}-01") if data["month"] else None,
        )

    def query(self) -> str:
        """The filter as the query of an address, without empty parts."""
        query = QueryDict(mutable=True)
        for name, value in getattr(self, "cleaned_data", {}).items():
            if value:
                query[name] = value
        return query.urlencode()
