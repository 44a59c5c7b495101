from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from projects.enums import AccessRole, ProjectStatus

if TYPE_CHECKING:
    from accounts.models import User


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: "User") -> "ProjectQuerySet":
        """Projects in which ``user`` has a role; site administrators see all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            Q(pk__in=Stakeholder.objects.with_access().filter(user=user).values("project"))
        )

    def running(self) -> "ProjectQuerySet":
        return self.filter(status=ProjectStatus.ACTIVE)


class Project(models.Model):
    """One upgrade of one organisation. The playbook it was made from is kept as a copy."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    playbook_key = models.CharField(_("playbook"), max_length=80)
    playbook_version = models.PositiveIntegerField(_("playbook version"))
    playbook_snapshot = models.JSONField(_("playbook as it was"))
    vision = models.TextField(_("vision"), blank=True)
    scope = models.TextField(_("scope"), blank=True)
    help_contact = models.CharField(_("help contact"), max_length=200, blank=True)
    starts_on = models.DateField(_("starts on"))
    target_on = models.DateField(_("target date"))
    timezone = models.CharField(_("time zone"), max_length=64)
    from_mode = models.CharField(_("from mode"), max_length=80)
    to_mode = models.CharField(_("to mode"), max_length=80)
    status = models.CharField(
        _("status"), max_length=12, choices=ProjectStatus, default=ProjectStatus.ACTIVE
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="created_projects",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    # What the reader may do here; set by projects.access, never stored.
    role: AccessRole = AccessRole.NONE

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target_on__gt=models.F("starts_on")), name="project_target_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dashboards:project_home", args=[self.slug])

    @property
    def is_editable(self) -> bool:
        return self.role in (AccessRole.MANAGER, AccessRole.CONTRIBUTOR)

    @property
    def is_managed(self) -> bool:
        return self.role == AccessRole.MANAGER


class StakeholderQuerySet(models.QuerySet["Stakeholder"]):
    def with_access(self) -> "StakeholderQuerySet":
        return self.exclude(access=AccessRole.NONE)


class Stakeholder(models.Model):
    """A person who carries the project: framework roles, and what the account may do here."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="stakeholders", verbose_name=_("project")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="stakeholders",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"))
    access = models.CharField(
        _("access"), max_length=12, choices=AccessRole, default=AccessRole.NONE
    )
    role_codes = ArrayField(models.CharField(max_length=8), verbose_name=_("roles"), default=list)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    objects = StakeholderQuerySet.as_manager()

    class Meta:
        verbose_name = _("stakeholder")
        verbose_name_plural = _("stakeholders")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint("project", Lower("email"), name="stakeholder_once_a_project"),
            models.UniqueConstraint(
                "project", "user", condition=Q(user__isnull=False), name="account_once_a_project"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(access=AccessRole.NONE),
                name="access_needs_an_account",
            ),
        ]

    def __str__(self) -> str:
        return self.name
