from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cohorts.enums import CohortKind, ModeState, ParticipantStatus, Placement
from cohorts.models.cohort import Cohort
from common.models import PublicIdModel
from projects.models import Project


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def active(self) -> "ParticipantQuerySet":
        return self.filter(status=ParticipantStatus.ACTIVE)

    def in_cohort(self, cohort: Cohort) -> "ParticipantQuerySet":
        return self.filter(memberships__cohort=cohort)


class Participant(PublicIdModel):
    """One person to be upgraded. ``key``: the UPN, else the mail, NFC and casefolded."""

    # No index of its own: the unique constraint and both indexes below begin with the project.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="participants",
        verbose_name=_("project"),
        db_index=False,
    )
    key = models.CharField(_("identity key"), max_length=320, editable=False)
    upn = models.CharField(_("user principal name"), max_length=320, blank=True)
    mail = models.CharField(_("mail"), max_length=320, blank=True)
    display_name = models.CharField(_("name"), max_length=256)
    object_id = models.CharField(_("object id"), max_length=64, blank=True)
    sip_address = models.CharField(_("SIP address"), max_length=320, blank=True)
    department = models.CharField(_("department"), max_length=256, blank=True)
    office = models.CharField(_("office"), max_length=256, blank=True)
    country = models.CharField(_("country"), max_length=128, blank=True)
    usage_location = models.CharField(_("usage location"), max_length=16, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    manager = models.CharField(_("manager"), max_length=320, blank=True)
    status = models.CharField(
        _("status"), max_length=8, choices=ParticipantStatus, default=ParticipantStatus.ACTIVE
    )
    # Defaults of the database, because rosters are written by INSERT … SELECT.
    timezone = models.CharField(_("time zone"), max_length=64, blank=True, db_default="")
    attributes = models.JSONField(
        _("further columns"), default=dict, blank=True, db_default=Value({}, models.JSONField())
    )
    is_white_glove = models.BooleanField(_("white glove"), db_default=False, default=False)
    champion_since = models.DateTimeField(_("champion since"), null=True, blank=True)
    # In personal links: raising it revokes what was mailed.
    link_generation = models.PositiveIntegerField(_("generation of links"), default=1, db_default=1)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    created_at = models.DateTimeField(_("added"), default=now, editable=False)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["display_name", "pk"]
        constraints = [
            models.UniqueConstraint("project", "key", name="participant_key_once_a_project"),
        ]
        indexes = [
            models.Index(fields=["project", "display_name", "id"], name="participant_by_name"),
            models.Index(fields=["project", "department"], name="participant_by_department"),
            # Where people live: one look a place, see communications.queries.zones.
            models.Index(
                "project",
                "timezone",
                Coalesce(NullIf("usage_location", Value("")), "country"),
                name="participant_by_place",
                condition=~Q(timezone="", usage_location="", country=""),
            ),
            models.Index(fields=["project", "country"], name="participant_by_country"),
            models.Index(fields=["project", "office"], name="participant_by_office"),
            # What the list of people filters by, though few have it: next to nothing to keep.
            models.Index(
                fields=["project", "display_name", "id"],
                name="participant_white_glove",
                condition=Q(is_white_glove=True),
            ),
            models.Index(
                fields=["project", "display_name", "id"],
                name="participant_champion",
                condition=Q(champion_since__isnull=False),
            ),
            models.Index(
                fields=["project", "display_name", "id"],
                name="participant_no_address",
                condition=Q(mail="", upn=""),
            ),
            models.Index(
                fields=["project", "status", "display_name", "id"],
                name="participant_not_active",
                condition=~Q(status=ParticipantStatus.ACTIVE),
            ),
            GinIndex(
                fields=["attributes"], name="participant_attributes", opclasses=["jsonb_path_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def address(self) -> str:
        """Where mail goes: ``mail``, else the UPN."""
        return self.mail or self.upn


class Membership(models.Model):
    """A participant in a cohort: at most one pilot and one wave, kept so by the database."""

    participant = models.ForeignKey(
        Participant,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("participant"),
    )
    # The plain index is (cohort, participant) below; `kind` repeats the cohort's, see migration.
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("cohort"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=8, choices=CohortKind)
    joined_at = models.DateTimeField(_("joined"), default=now)
    switched_at = models.DateTimeField(_("switched"), null=True, blank=True)
    # Defaults of the database, because people are put into cohorts by COPY and INSERT as well.
    mode_state = models.CharField(
        _("state of the mode"), max_length=16, choices=ModeState, db_default=ModeState.WAITING
    )
    exported_at = models.DateTimeField(_("last in a script"), null=True, blank=True)
    granted_at = models.DateTimeField(_("granted"), null=True, blank=True)
    observed_mode = models.CharField(_("observed mode"), max_length=80, blank=True, db_default="")
    observed_at = models.DateTimeField(_("in this mode since"), null=True, blank=True)
    placed_by = models.CharField(
        _("placed by"), max_length=10, choices=Placement, db_default=Placement.HAND
    )
    placement_note = models.CharField(_("why here"), max_length=200, blank=True, db_default="")
    # The cohort this person was deferred out of; empty for whoever is where they were planned.
    deferred_from = models.ForeignKey(
        Cohort,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("deferred from"),
        db_index=False,
    )
    # First mail of this cohort accepted for this person, and since when a problem blocks them.
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    blocked_since = models.DateTimeField(_("blocked since"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint("participant", "kind", name="one_pilot_and_one_wave"),
        ]
        indexes = [
            models.Index(fields=["cohort", "participant"], name="membership_of_cohort"),
            models.Index(
                fields=["cohort", "participant"],
                name="membership_in_drift",
                condition=Q(mode_state=ModeState.DRIFT),
            ),
            models.Index(
                fields=["deferred_from"],
                name="membership_deferred",
                condition=Q(deferred_from__isnull=False),
            ),
            models.Index(fields=["cohort", "mode_state"], name="membership_by_mode"),
            models.Index(
                fields=["cohort"],
                name="membership_blocked",
                condition=Q(blocked_since__isnull=False),
            ),
        ]
