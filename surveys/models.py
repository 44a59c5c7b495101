"""A survey asks one cohort. Who has answered stands apart from what was answered."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, Participant
from common.models import PublicIdModel
from projects.models import Project
from surveys.enums import QuestionKind, SurveyStatus
from surveys.windows import is_within_grace


class SurveyQuerySet(models.QuerySet["Survey"]):
    def open(self, at: datetime) -> "SurveyQuerySet":
        """Taking answers at ``at``."""
        return self.filter(status=SurveyStatus.OPEN, closes_at__gt=at)

    def past_closing(self, at: datetime) -> "SurveyQuerySet":
        return self.filter(status=SurveyStatus.OPEN, closes_at__lte=at)


class Survey(models.Model):
    """The same key in every cohort is the same survey asked of different people."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="surveys", verbose_name=_("project")
    )
    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="surveys", verbose_name=_("cohort")
    )
    key = models.CharField(_("key"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    intro = models.TextField(_("introduction"), blank=True)
    thanks = models.TextField(_("thanks"), blank=True)
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    # The message that carries the personal link; opening the survey makes it due.
    invitation_message = models.CharField(_("invitation message"), max_length=60)
    # The rule says when it ought to open; opening it is a person's decision.
    open_anchor = models.CharField(_("anchor"), max_length=40, default="cohort_switch")
    open_offset_days = models.SmallIntegerField(_("days after the anchor"), default=0)
    opens_on = models.DateField(_("planned for"), null=True, blank=True)
    open_days = models.PositiveSmallIntegerField(_("open for days"), default=14)
    reminder_days = models.JSONField(_("reminders after days"), default=list)
    status = models.CharField(
        _("status"), max_length=8, choices=SurveyStatus, default=SurveyStatus.DRAFT
    )
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["cohort__position", "key"]
        constraints = [
            models.UniqueConstraint("cohort", "key", name="survey_once_a_cohort"),
            # Target of the composite foreign key that keeps Response.is_anonymous true.
            models.UniqueConstraint("id", "is_anonymous", name="survey_id_and_anonymity"),
            models.CheckConstraint(
                condition=Q(status=SurveyStatus.DRAFT)
                | Q(opened_at__isnull=False, closes_at__isnull=False),
                name="open_survey_has_its_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ended_at(self) -> datetime | None:
        """When it stops taking answers, or stopped: closing by hand may come before the date."""
        return min((at for at in (self.closes_at, self.closed_at) if at), default=None)

    def is_open(self, at: datetime) -> bool:
        """Whether it takes answers at ``at``, even if the clock has not closed it yet."""
        return (
            self.status == SurveyStatus.OPEN and self.closes_at is not None and at < self.closes_at
        )

    def takes_answers(self, at: datetime, begun_at: datetime | None) -> bool:
        """Open, or closed less than a day ago for somebody who had begun before the end."""
        if self.is_open(at):
            return True
        return self.ended_at is not None and is_within_grace(self.ended_at, begun_at, at)

    @property
    def reminder_message(self) -> str:
        """The key of the message that reminds; all cohorts share it."""
        return reminder_key(self.key)


def reminder_key(survey_key: str) -> str:
    return f"{survey_key}-reminder"


class QuestionQuerySet(models.QuerySet["Question"]):
    def texts(self) -> "QuestionQuerySet":
        return self.filter(kind=QuestionKind.TEXT)


class Question(models.Model):
    survey = models.ForeignKey(
        Survey, on_delete=models.CASCADE, related_name="questions", verbose_name=_("survey")
    )
    key = models.CharField(_("key"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=8, choices=QuestionKind)
    text = models.CharField(_("question"), max_length=500)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    is_required = models.BooleanField(_("required"), default=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("survey", "key", name="question_key_once_a_survey"),
        ]

    def __str__(self) -> str:
        return self.text


class SurveyCount(models.Model):
    """How many were invited and have answered: rows of differences to be summed, kept by triggers
    of the database. Nobody else writes them."""

    survey = models.ForeignKey(
        Survey,
        on_delete=models.DO_NOTHING,
        related_name="+",
        verbose_name=_("survey"),
        db_constraint=False,
    )
    invited = models.IntegerField(default=0, db_default=0)
    answered = models.IntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("count of invitations")
        verbose_name_plural = _("counts of invitations")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def with_draft(self) -> "InvitationQuerySet":
        return self.exclude(draft={})


class Invitation(PublicIdModel):
    """One person asked once. The link in the mail is derived from public_id and generation."""

    survey = models.ForeignKey(
        Survey, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("survey")
    )
    participant = models.ForeignKey(
        Participant,
        on_delete=models.CASCADE,
        related_name="invitations",
        verbose_name=_("participant"),
    )
    generation = models.PositiveIntegerField(_("link generation"), default=1)
    invited_at = models.DateTimeField(_("invited at"), default=now)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    draft = models.JSONField(_("answers so far"), default=dict, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint("survey", "participant", name="invitation_once_a_person"),
        ]
        indexes = [
            models.Index(
                fields=["survey", "id"],
                name="invitation_unanswered",
                condition=Q(answered_at__isnull=True),
            ),
            models.Index(fields=["survey"], name="invitation_with_draft", condition=~Q(draft={})),
        ]

    def may_be_answered(self, at: datetime, begun_at: datetime | None) -> bool:
        """Whether answers are taken at ``at`` from somebody who opened the page at ``begun_at``."""
        began = min((when for when in (begun_at, self.started_at) if when), default=None)
        return self.survey.takes_answers(at, began)


class Response(models.Model):
    """What was answered: {question key: value}. Without an invitation where it is anonymous.

    Values: agree 1 to 5 or "na", nps 0 to 10, single a choice's key, multi a list of keys, text a
    text. A skipped question is absent.
    """

    survey = models.ForeignKey(
        Survey,
        on_delete=models.CASCADE,
        related_name="responses",
        verbose_name=_("survey"),
        db_index=False,
    )
    # Repeats the survey's, so that the database itself refuses a person on an anonymous answer.
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    invitation = models.OneToOneField(
        Invitation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="response",
        verbose_name=_("invitation"),
    )
    answers = models.JSONField(_("answers"))
    submitted_at = models.DateTimeField(
        _("submitted at"), help_text=_("Rounded to the day where the survey is anonymous.")
    )

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_anonymous=False, invitation__isnull=False)
                | Q(is_anonymous=True, invitation__isnull=True),
                name="anonymous_response_names_nobody",
            ),
        ]
        indexes = [models.Index(fields=["survey", "id"], name="response_of_survey")]
