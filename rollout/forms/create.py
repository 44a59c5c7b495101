"""What a manager says about a new project, and the plan that comes out of it."""

from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError
from common.forms import ZoneField
from playbooks.library import get_playbook, list_playbooks
from projects.schedule import MAX_WAVES
from rollout.drafts import ProjectDraft, ProjectPlan, plan_project


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ProjectForm(forms.Form):
    """Valid only when a plan comes out of it; ``plan`` holds that plan then."""

    playbook_key = forms.ChoiceField(label=_("Playbook"))
    name = forms.CharField(label=_("Name"), max_length=200)
    starts_on = forms.DateField(label=_("Starts on"), widget=DateInput())
    target_on = forms.DateField(
        label=_("Target date"),
        widget=DateInput(),
        required=False,
        help_text=_("By when everybody is upgraded. Empty: the playbook's own pace."),
    )
    timezone = ZoneField()
    wave_count = forms.IntegerField(
        label=_("Waves"),
        min_value=1,
        max_value=MAX_WAVES,
        initial=4,
        help_text=_("Groups that upgrade one after the other. The pilot comes on top."),
    )
    from_mode = forms.ChoiceField(label=_("From mode"))
    to_mode = forms.ChoiceField(label=_("To mode"))

    plan: ProjectPlan | None = None

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # it is a GET form: the token has no business in an address
        playbooks = [get_playbook(key) for key in list_playbooks()]
        self.fields["playbook_key"].choices = [(p.key, p.title) for p in playbooks]
        modes = [(p.title, [(m.key, m.title) for m in p.modes]) for p in playbooks]
        for name in ("from_mode", "to_mode"):
            self.fields[name].required = False
            self.fields[name].choices = [("", _("As the playbook suggests")), *modes]
        # A Monday: what the playbook puts on a Tuesday is then on one.
        self.fields["starts_on"].initial = today + timedelta(days=-today.weekday() % 7)
        self.fields["timezone"].initial = "Europe/Berlin"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        try:
            self.plan = plan_project(self.draft())
        except DomainError as error:
            self.add_error(None, str(error))
        return data

    def draft(self) -> ProjectDraft:
        return ProjectDraft(**self.cleaned_data)
