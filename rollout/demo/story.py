"""What happens in the demo project, day by day, from the plan itself: no step is named here.

The manager works the plan as it stands: steps are done when they end, mails are approved two days
before they are due, cohorts switch on their date, surveys open when they are planned, people answer
in the days after. One step is left undone and one figure goes off track, so that there is something
to see.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils.timezone import now

from accounts.models import User
from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.services.cohorts import finish_cohort, switch_cohort
from communications.enums import DELIVERED, ITEMS, DeliveryState, OccurrenceState
from communications.models import Delivery, Occurrence
from communications.services.approval import approve_occurrence
from communications.services.items import tick_item
from communications.services.sending import Report
from projects.enums import STEP_CLOSED, StepStatus
from projects.metrics import MANUAL
from projects.models import Goal, Project, Step
from projects.services.goals import record_measurement
from projects.services.measuring import measure_project
from projects.services.steps import change_step_status
from rollout.demo.aging import let_days_pass, set_clocks_right
from rollout.demo.answers import answer
from rollout.demo.gates import let_through
from surveys.enums import SurveyStatus
from surveys.models import Invitation, Survey
from surveys.queries.numbers import surveys_due
from surveys.services.closing import close_due_surveys
from surveys.services.opening import open_survey
from surveys.services.responses import submit_response

APPROVED_AHEAD = timedelta(days=3)
SURVEY_DAYS = (0, 1, 2, 3, 5, 7, 8, 11)  # since it opened: answers and reminders
ANSWERING_SHARE = 0.33  # of those who have not answered, on each of these days
WEEKLY = 7
NOTES = (
    "",
    "Agreed with the sponsors, minutes are in the project folder.",
    "Results are in the project folder.",
    "Checked by two people, nothing open.",
)
Chapters = Mapping[int, Callable[[], object]]


@dataclass(slots=True, kw_only=True)
class Story:
    """``send`` runs the send pipeline until nothing is due. Days count from the story's first."""

    project: Project
    manager: User
    send: Callable[[], Report]
    dice: random.Random
    last_day: int

    def live(self, chapters: Chapters) -> None:
        """Live from day 0 to ``last_day``; a chapter is what else happens on its day."""
        weekly = range(0, self.last_day, WEEKLY)
        busy = sorted({0, self.last_day, *weekly, *chapters, *self._busy_days()})
        for day, following in zip(busy, [*busy[1:], None], strict=True):
            if day in chapters:
                chapters[day]()
            self._work(day)
            if following is not None:
                let_days_pass(self.project, following - day)
                set_clocks_right(self.project)

    def _busy_days(self) -> set[int]:
        """Days on which something must happen on time; the rest waits for the weekly round."""
        clock = now().astimezone(ZoneInfo(self.project.timezone))
        days = set(Cohort.objects.filter(project=self.project).values_list("switch_on", flat=True))
        planned = Occurrence.objects.filter(project=self.project)
        for wall_at in planned.exclude(wall_at=None).values_list("wall_at", flat=True):
            if wall_at is not None:
                # Later in the day than it is now: it goes out at this hour of the day after.
                days.add(wall_at.date() + timedelta(days=wall_at.time() > clock.time()))
        for survey in Survey.objects.filter(project=self.project):
            if survey.opens_on is not None:
                days |= {survey.opens_on + timedelta(days=n) for n in SURVEY_DAYS}
        numbers = {(day - clock.date()).days for day in days}
        return {number for number in numbers if 0 <= number <= self.last_day}

    def _today(self) -> date:
        return now().astimezone(ZoneInfo(self.project.timezone)).date()

    def _work(self, day: int) -> None:
        at = now()
        self._switch_cohorts(at)
        for survey in surveys_due(self.project, at):
            open_survey(survey=survey, acting_user=self.manager, at=at)
        self._approve(at)
        self._tick(at)
        if self.send().sent + self._send_waiting():
            self._look_at_tables()
        self._answer(at)
        close_due_surveys(at=at)
        self._do_steps(day)
        self._measure(day, at)

    def _send_waiting(self) -> int:
        """To those whose own hour or working day comes later. The story's days have other weekdays
        than those they become, and the next one told may lie behind the last moment."""
        rows = Delivery.objects.filter(
            occurrence__project=self.project, state=DeliveryState.QUEUED, not_before__gt=now()
        )
        return self.send().sent if rows.update(not_before=now()) else 0

    def _look_at_tables(self) -> None:
        """Half a year in half a minute is faster than autovacuum: plans would be those of empty
        tables."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE communications_delivery, cohorts_participant")
            cursor.execute("ANALYZE cohorts_membership, communications_occurrence")

    def _mails(self) -> QuerySet[Occurrence]:
        return Occurrence.objects.filter(project=self.project, message__channel__in=DELIVERED)

    def _tick(self, at: datetime) -> None:
        """Banners and posters, on their day."""
        due = Occurrence.objects.filter(
            project=self.project,
            message__channel__in=ITEMS,
            state=OccurrenceState.PLANNED,
            due_at__lte=at,
        )
        for occurrence in due.select_related("message", "cohort", "project").order_by("due_at"):
            tick_item(occurrence=occurrence, acting_user=self.manager)

    def _switch_cohorts(self, at: datetime) -> None:
        due = Cohort.objects.filter(project=self.project, switch_on__lte=self._today())
        for cohort in due.filter(status=CohortStatus.PLANNED).select_related("project"):
            let_through(cohort, self.manager, at)
            switch_cohort(cohort=cohort, at=at, acting_user=self.manager)
        for cohort in due.filter(status=CohortStatus.SWITCHED, ends_on__lt=self._today()):
            finish_cohort(cohort=cohort, acting_user=self.manager)

    def _approve(self, at: datetime) -> None:
        soon = self._mails().filter(
            state=OccurrenceState.PLANNED, due_at__lte=at + APPROVED_AHEAD + timedelta(hours=1)
        )
        for occurrence in soon.select_related("message", "cohort", "project").order_by("due_at"):
            approve_occurrence(occurrence=occurrence, acting_user=self.manager)

    def _answer(self, at: datetime) -> None:
        for survey in Survey.objects.filter(project=self.project, status=SurveyStatus.OPEN):
            if survey.opened_at is None or at - survey.opened_at < timedelta(days=1):
                continue
            if not survey.is_open(at):  # it ended last night; nobody has looked yet
                continue
            questions = list(survey.questions.all())
            waiting = Invitation.objects.filter(survey=survey, answered_at=None).order_by("pk")
            for invitation in waiting:
                if self.dice.random() < ANSWERING_SHARE:
                    answers = answer(questions, self.dice)
                    submit_response(invitation=invitation, answers=answers, at=at)

    def _do_steps(self, day: int) -> None:
        """By hand, as the days come; the last one that ended before the final week stays undone."""
        today = self._today()
        steps = Step.objects.filter(project=self.project, done_metric="").exclude(
            status__in=STEP_CLOSED
        )
        undone = self._left_undone(today + timedelta(days=self.last_day - day))
        for step in steps.order_by("position"):
            if step.ends_on <= today and step.ends_on < undone:
                change_step_status(
                    step=step,
                    status=StepStatus.DONE,
                    acting_user=self.manager,
                    note=self.dice.choice(NOTES),
                )
            elif step.starts_on <= today and step.status == StepStatus.TODO:
                change_step_status(step=step, status=StepStatus.ACTIVE, acting_user=self.manager)

    def _left_undone(self, last: date) -> date:
        """End of the step that stays undone, in the dates of today. ``last`` is the story's end."""
        ended = Step.objects.filter(
            project=self.project, done_metric="", ends_on__lt=last - timedelta(days=7)
        )
        found: date | None = ended.aggregate(end=Max("ends_on"))["end"]
        return found or date.max

    def _measure(self, day: int, at: datetime) -> None:
        """The clock's own figures, and once a week those entered by hand, from the pilot on."""
        if day % WEEKLY and day != self.last_day:
            return
        measure_project(project=self.project, at=at)
        begun = Cohort.objects.filter(project=self.project, switched_at__isnull=False).exists()
        if not begun:
            return
        by_hand = Goal.objects.filter(project=self.project, metric=MANUAL, unit="%")
        for goal in by_hand.order_by("position")[:1]:
            drift = Decimal(day) / self.last_day  # it was good, and gets worse with more people
            value = goal.target * (Decimal("0.6") + drift * Decimal("0.75"))
            record_measurement(
                goal=goal,
                value=value.quantize(Decimal("0.1")),
                note="",
                acting_user=self.manager,
            )
