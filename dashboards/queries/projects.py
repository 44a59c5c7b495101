"""The reader's projects with their progress, and what in them waits for the reader."""

from datetime import date, datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from communications.enums import MessageStatus
from communications.models import Occurrence
from dashboards.queries.sending import WAITS
from projects.enums import STEP_CLOSED, AccessRole
from projects.models import Project, Stakeholder, Step

SOON = timedelta(days=7)
MOST = 20


def projects_of(user: User, today: date) -> QuerySet[Project]:
    """Projects the reader may see with ``step_total``, ``step_done``, ``step_overdue``,
    ``next_cohort`` and ``next_switch_on``. One query."""
    upcoming = Cohort.objects.filter(
        project=OuterRef("pk"), status=CohortStatus.PLANNED, switch_on__gte=today
    ).order_by("switch_on")
    return (
        Project.objects.visible_to(user)
        .annotate(
            step_total=Count("steps"),
            step_done=Count("steps", filter=Q(steps__status__in=STEP_CLOSED)),
            step_overdue=Count(
                "steps", filter=Q(steps__ends_on__lt=today) & ~Q(steps__status__in=STEP_CLOSED)
            ),
            next_cohort=Subquery(upcoming.values("name")[:1]),
            next_switch_on=Subquery(upcoming.values("switch_on")[:1]),
        )
        .order_by("name", "pk")
    )


def steps_of(user: User, today: date) -> QuerySet[Step]:
    """Open steps the reader owns that are overdue or due within a week, oldest first. One query."""
    return (
        Step.objects.open()
        .filter(
            project__in=Project.objects.visible_to(user).running(),
            owner__user=user,
            ends_on__lt=today + SOON,
        )
        .select_related("project")
        .order_by("ends_on", "pk")[:MOST]
    )


def approvals_of(user: User, at: datetime) -> QuerySet[Occurrence]:
    """Messages due within a week that wait for an approval the reader may give, and what was
    missed. One query."""
    managed = Stakeholder.objects.filter(user=user, access=AccessRole.MANAGER).values("project")
    return (
        Occurrence.objects.filter(
            WAITS,
            project__in=Project.objects.running().filter(pk__in=managed),
            message__status=MessageStatus.ACTIVE,
            due_at__lt=at + SOON,
        )
        .select_related("project", "message", "cohort")
        .order_by(F("due_at").asc(), "pk")[:MOST]
    )
