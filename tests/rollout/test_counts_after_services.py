"""Kept figures equal people counted one by one after random sequences of the services."""

import io
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort, Membership, Participant
from cohorts.planning import UNTICKED, PlacementChoice, RuleDraft
from cohorts.services.choices import choose_cohort
from cohorts.services.cohorts import finish_cohort, switch_cohort
from cohorts.services.deferrals import ask_deferral, enter_deferral
from cohorts.services.members import assign_people, leave, rejoin, unassign
from cohorts.services.people import bring_back, mark_left, set_white_glove
from cohorts.services.placement import apply_placement, plan_placement
from cohorts.services.problems import report_problem, solve_problem
from cohorts.services.roster import import_people
from cohorts.services.rules import add_rule
from cohorts.services.shaping import merge_members, split_members
from cohorts.services.verification import requeue_people, verify_modes
from common.exceptions import DomainError
from communications.models import Delivery
from projects.models import Project
from rollout.services.erase import erase_participant
from tests.cohorts.counted import counted, kept
from tests.communications.test_told import sent, told
from tests.factories.cohorts import ParticipantFactory
from tests.rollout.whole import let_through

pytestmark = pytest.mark.django_db


class Year:
    """One project, and everything that may happen to its people."""

    def __init__(self, seed: int, project: Project, manager: User) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.project, self.manager = project, manager
        project.cohorts.update(is_bookable=True)
        for number in range(30):
            upn = f"p{number}@example.org"
            ParticipantFactory(project=project, upn=upn, key=upn)
        self.mails = [cohort.occurrences.order_by("pk")[0] for cohort in self.cohorts()]

    def cohorts(self) -> list[Cohort]:
        return list(self.project.cohorts.order_by("position"))

    def people(self, most: int = 9) -> list[Participant]:
        rows = list(Participant.objects.filter(project=self.project).exclude(status="erased"))
        return self.random.sample(rows, min(len(rows), self.random.randint(1, most)))

    def chosen(self) -> Any:
        return Participant.objects.filter(pk__in=[one.pk for one in self.people()])

    def deeds(self) -> list[Callable[[], object]]:
        person, cohort = self.people(1)[0], self.random.choice(self.cohorts())
        who: dict[str, Any] = {"acting_user": self.manager}
        why: dict[str, Any] = {"participant": person, **who}
        until = cohort.switch_on + timedelta(days=30)
        moved = {"reason": "away", "until": until, "to_cohort": cohort, "at": now()}
        return [
            *[lambda: assign_people(cohort=cohort, participants=self.chosen(), **who)] * 4,
            lambda: unassign(cohort=cohort, participants=self.chosen(), **who),
            lambda: leave(**why),
            lambda: rejoin(**why),
            lambda: mark_left(project=self.project, participants=self.chosen(), **who),
            *[lambda: bring_back(project=self.project, participants=self.chosen(), **who)] * 2,
            lambda: set_white_glove(is_white_glove=self.random.random() < 0.6, **why),
            lambda: erase_participant(**why),
            lambda: choose_cohort(participant=person, cohort=cohort, at=now()),
            *[lambda: enter_deferral(note="", **moved, **why)] * 2,
            lambda: ask_deferral(**moved, **why),
            *[lambda: report_problem(text="!", is_blocking=True, at=now(), **why)] * 2,
            self.solve,
            lambda: merge_members(cohort=cohort, into=self.random.choice(self.cohorts()), **who),
            lambda: split_members(
                cohort=cohort, into=self.random.choice(self.cohorts()), draft=self.rule(), **who
            ),
            *[self.load, self.verify, self.mail, self.mail, self.requeue, self.place, self.place],
        ]

    def seldom(self) -> None:
        cohort = self.random.choice(self.cohorts())
        if self.random.random() < 0.7:
            let_through(cohort, self.manager)
            switch_cohort(cohort=cohort, at=now(), acting_user=self.manager)
        else:
            finish_cohort(cohort=cohort, acting_user=self.manager)

    def step(self) -> str | None:
        """What was refused, if it was."""
        deed = self.seldom if self.random.random() < 0.08 else self.random.choice(self.deeds())
        try:
            deed()
        except DomainError as error:
            return type(error).__name__
        return None

    def solve(self) -> None:
        problem = self.random.choice(list(self.cohorts())).problems.order_by("?").first()
        if problem is not None:
            solve_problem(problem=problem, note="done", acting_user=self.manager, at=now())

    def rule(self) -> RuleDraft:
        return RuleDraft(field="everybody", sample_percent=self.random.randint(5, 60))

    def place(self) -> None:
        """One more rule, and all of them applied, to whom nobody placed or to everybody."""
        cohort = self.random.choice(self.cohorts())
        add_rule(cohort=cohort, draft=self.rule(), acting_user=self.manager)
        choice = PlacementChoice(also=frozenset(self.random.choice([(), UNTICKED])))
        plan = plan_placement(project=self.project, choice=choice)
        apply_placement(
            project=self.project, choice=choice, expected=plan.digest, acting_user=self.manager
        )

    def requeue(self) -> None:
        requeue_people(project=self.project, participants=self.chosen(), acting_user=self.manager)

    def load(self) -> None:
        upns = [f"p{self.random.randrange(45)}@example.org" for _n in range(6)]
        import_people(
            project=self.project,
            stream=io.BytesIO("\n".join(["upn", *sorted(set(upns))]).encode()),
            cohort=self.random.choice(self.cohorts()),
            is_strict=False,
            is_dry_run=False,
            acting_user=self.manager,
        )

    def verify(self) -> None:
        modes = ("TeamsOnly", "Islands")
        rows = [f"{one.upn},{self.random.choice(modes)}" for one in self.people() if one.upn]
        text = "\n".join(["UserPrincipalName,TeamsUpgradeEffectiveMode", *rows])
        stream = io.BytesIO(text.encode())
        verify_modes(project=self.project, stream=stream, acting_user=self.manager, at=now())

    def mail(self) -> None:
        occurrence = self.random.choice(self.mails)
        people = [m.participant_id for m in Membership.objects.filter(cohort=occurrence.cohort)]
        Delivery.objects.bulk_create(
            (
                Delivery(occurrence=occurrence, participant_id=pk, recipient_key=f"p:{pk}")
                for pk in people
            ),
            ignore_conflicts=True,
        )
        waiting = occurrence.deliveries.filter(state="queued", participant__in=self.people(20))
        waiting.update(state="sent", sent_at=now())


@pytest.mark.parametrize("seed", range(3))
def test_figures_equal_people_after_random_services(
    seed: int, upgrade: Project, manager: User
) -> None:
    year, refused = Year(seed, upgrade, manager), 0
    for _n in range(70):
        refused += year.step() is not None
        assert kept(upgrade) == counted(upgrade)
        assert told(upgrade) == sent(upgrade)
    assert refused < 50
    assert Membership.objects.filter(switched_at__isnull=False).exists()
