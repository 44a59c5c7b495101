"""What a message says, whom it is for and when it goes out, from a form."""

from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cohorts.enums import CohortKind
from common.forms import LongSelect
from communications import audience_kinds as kinds
from communications import timing
from communications.enums import Channel, LatePolicy, MessageZone
from communications.languages import choices, tag
from communications.languages import name as name_of
from communications.message_rule import MessageRule
from communications.models import Message
from communications.queries.samples import Sample
from communications.queries.texts import own_language
from communications.wording import ANCHORS
from projects.models import Project

MOST_DAYS = 730
BEFORE, AFTER = "before", "after"
# What the choice of an audience means: its kind, and the kind of cohort it goes out for.
AUDIENCES = {
    "wave": (kinds.COHORT, CohortKind.WAVE),
    "pilot": (kinds.COHORT, CohortKind.PILOT),
    kinds.EVERYONE: (kinds.EVERYONE, ""),
    kinds.STAKEHOLDERS: (kinds.STAKEHOLDERS, ""),
    kinds.IT_STAFF: (kinds.IT_STAFF, ""),
}
AUDIENCE_WORDS = [
    ("wave", _("Members of each wave")),
    ("pilot", _("Members of the pilot")),
    (kinds.EVERYONE, _("Everybody to be upgraded")),
    (kinds.STAKEHOLDERS, _("All stakeholders")),
    (kinds.IT_STAFF, _("Stakeholders in IT")),
]


class MessageForm(forms.Form):
    """The text alone: for messages whose audience belongs to another room, such as a survey's."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("How this message is called here. People do not see it."),
    )
    subject = forms.CharField(
        label=_("Subject"), max_length=200, widget=forms.TextInput({"dir": "auto"})
    )
    body = forms.CharField(
        label=_("Text"),
        help_text=_("Markdown with {placeholders}."),
        widget=forms.Textarea({"rows": 16, "dir": "auto"}),
    )
    revision = forms.IntegerField(
        widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1, required=False
    )

    @staticmethod
    def initial_of(message: Message) -> dict[str, Any]:
        return {name: getattr(message, name) for name in ("title", "subject", "body", "revision")}

    def text(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("title", "subject", "body")}


class WriteForm(MessageForm):
    """The whole message. ``sample`` is whose mail the preview shows; the texts in other languages
    are those of the message ``languages_of``: the one that is changed, or copied."""

    language = forms.ChoiceField(label=_("Written in"), widget=LongSelect, required=False)
    channel = forms.ChoiceField(
        label=_("Goes out as"),
        choices=Channel,
        required=False,
        help_text=_("Nobody sends banners and posters: a person ticks them off."),
    )
    channels = forms.TypedMultipleChoiceField(
        label=_("To these channels"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Of a message to Teams. It is posted once in each, for each cohort meant below."
        ),
    )
    audience = forms.ChoiceField(label=_("For"), choices=AUDIENCE_WORDS)
    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=MOST_DAYS)
    direction = forms.ChoiceField(
        label=_("Before or after"), choices=[(BEFORE, _("before")), (AFTER, _("after"))]
    )
    anchor = forms.ChoiceField(
        label=_("What it counts from"),
        choices=[(key, words) for key, words in ANCHORS.items() if key not in timing.OPEN_ANCHORS],
    )
    wall_time = forms.TimeField(
        label=_("Time of day"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    zone = forms.ChoiceField(label=_("Read in the zone of"), choices=MessageZone)
    is_working_day = forms.BooleanField(
        label=_("On working days where the person is"),
        required=False,
        help_text=_(
            "Each person gets it on the first working day of their country, at weekends and public"
            " holidays later. The country is the usage location of the roster, else its country,"
            " such as DE or Germany; where it says neither, only Saturday and Sunday are free."
        ),
    )
    not_after_days = forms.IntegerField(
        label=_("Missed after days"),
        min_value=0,
        max_value=60,
        help_text=_("Later than that it is not sent by itself: a person decides."),
    )
    late_policy = forms.ChoiceField(
        label=_("Who joins the cohort afterwards"), choices=LatePolicy, required=False
    )
    short_subject = forms.CharField(
        label=_("Short subject"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"dir": "auto"}),
    )
    short_body = forms.CharField(
        label=_("Short text"),
        required=False,
        widget=forms.Textarea({"rows": 6, "dir": "auto"}),
        help_text=_("For those who join late and get the short version."),
    )
    is_mandatory = forms.BooleanField(
        label=_("Everybody must get it"),
        required=False,
        help_text=_("Then nobody can unsubscribe from it."),
    )
    has_calendar = forms.BooleanField(
        label=_("With the switch as a calendar entry"), required=False
    )
    sender = forms.ChoiceField(label=_("Signed by"), required=False)
    sample = forms.ChoiceField(label=_("Preview as"), choices=Sample, required=False)
    languages_of = forms.IntegerField(
        widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1, required=False
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        people = project.stakeholders.order_by("name", "pk").values_list("pk", "name")
        names = [(str(pk), name) for pk, name in people]
        self.fields["sender"].choices = [("", _("the project")), *names]
        self.fields["channels"].choices = list(project.teams_channels.values_list("pk", "name"))
        ours = tag(settings.LANGUAGE_CODE)
        known = dict(choices()) | {ours: name_of(ours)}
        if (given := self.initial.get("language")) and given not in known:
            known[given] = name_of(given)
        self.fields["language"].choices = list(known.items())

    @staticmethod
    def initial_of(message: Message) -> dict[str, Any]:
        given = {name: getattr(message, name) for name in FIELDS_OF_MESSAGE}
        wanted = (message.audience_kind, message.cohort_kind)
        if message.audience_kind == kinds.CHANNELS:
            of_cohorts = (kinds.COHORT, message.cohort_kind)
            wanted = of_cohorts if message.cohort_kind else (kinds.EVERYONE, "")
        return {
            **given,
            "channels": message.audience_params.get("channels", []),
            "audience": next((key for key, what in AUDIENCES.items() if what == wanted), ""),
            "days": abs(message.offset_days),
            "direction": AFTER if message.offset_days > 0 else BEFORE,
            "sender": str(message.sender_id or ""),
            "language": own_language(message),
            "languages_of": message.pk,
        }

    def keep_channel(self) -> None:
        """Of a message that is changed; the service refuses another one."""
        self.fields["channel"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        of_cohort = data.get("anchor") in (timing.COHORT_SWITCH, timing.COHORT_END)
        has_cohort = bool(AUDIENCES.get(data.get("audience", ""), ("", ""))[1])
        if of_cohort and not has_cohort and "audience" in data:
            self.add_error(
                "anchor", _t("That day belongs to a cohort. Choose a day of the project.")
            )
        if data.get("has_calendar") and not has_cohort and "audience" in data:
            self.add_error(
                "has_calendar", _t("Only members of a cohort have a switch of their own.")
            )
        if data.get("channel") == Channel.TEAMS:
            self._clean_post(data)
        if data.get("late_policy") == LatePolicy.SHORT:
            for name in ("short_subject", "short_body"):
                if name not in self.errors and not data.get(name):
                    self.add_error(name, _t("Write what those who join late read."))
        return data

    def _clean_post(self, data: dict[str, Any]) -> None:
        """A card is for nobody in particular: nobody's zone, nobody who joins later."""
        if not data.get("channels") and "channels" not in self.errors:
            self.add_error("channels", _t("Choose at least one channel."))
        if data.get("zone") == MessageZone.PERSON:
            data["zone"] = MessageZone.COHORT
        data.update(has_calendar=False, late_policy=LatePolicy.SKIP)

    def text(self) -> dict[str, str]:
        """Its language is empty where it is the installation's, whatever that will be."""
        data = self.cleaned_data
        language = "" if data["language"] == tag(settings.LANGUAGE_CODE) else data["language"]
        short = {name: data[name] for name in ("short_subject", "short_body")}
        return {**super().text(), **short, "language": language}

    def rule(self) -> MessageRule:
        data = self.cleaned_data
        kind, cohort_kind = AUDIENCES[data["audience"]]
        params: dict[str, Any] = dict(kinds.params_of(self.project, kind))
        channel = data["channel"] or Channel.MAIL
        if channel == Channel.TEAMS:
            kind, params = kinds.CHANNELS, {"channels": data["channels"]}
        return MessageRule(
            channel=channel,
            audience_kind=kind,
            audience_params=params,
            cohort_kind=str(cohort_kind),
            anchor=data["anchor"],
            offset_days=data["days"] if data["direction"] == AFTER else -data["days"],
            wall_time=data["wall_time"],
            zone=data["zone"],
            is_working_day=data["is_working_day"],
            not_after_days=data["not_after_days"],
            is_mandatory=data["is_mandatory"],
            has_calendar=data["has_calendar"],
            late_policy=data["late_policy"] or LatePolicy.SKIP,
            sender_id=int(data["sender"]) if data["sender"] else None,
        )


FIELDS_OF_MESSAGE = (
    *("title", "subject", "body", "revision", "anchor", "wall_time", "zone", "is_working_day"),
    *("not_after_days", "is_mandatory", "has_calendar", "late_policy"),
    *("short_subject", "short_body", "channel"),
)
NEW = {
    "language": tag(settings.LANGUAGE_CODE),
    "channel": Channel.MAIL,
    "audience": "wave",
    "days": 7,
    "direction": BEFORE,
    "anchor": timing.COHORT_SWITCH,
    "wall_time": time(9, 0),
    "zone": MessageZone.COHORT,
    "not_after_days": 3,
}
