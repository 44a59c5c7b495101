"""A go/no-go and the switch at the same time: real threads against the real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import User
from cohorts.gates import gate_key
from cohorts.models import Cohort
from cohorts.services.cohorts import switch_cohort
from common.exceptions import DomainError
from playbooks.schema import DoneWhen
from projects.models import Event, Gate, GateDecision, Project
from projects.queries.gates import gate_standing
from projects.services.deciding import confirm_criterion, decide_gate, unconfirm_criterion
from projects.services.gates import create_gate
from tests.factories.cohorts import CohortFactory, MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2038, 3, 1, 9, 0, tzinfo=UTC)
TIMES = 10


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """What each job raised ("" for nothing), in the order of the jobs."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> str:
        start.wait()
        try:
            job()
        except DomainError as error:
            return type(error).__name__
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def gate_for(project: Project, manager: User, number: int) -> tuple[Cohort, Gate]:
    """A cohort with its gate: one criterion by hand, confirmed, and a go."""
    cohort = MembershipFactory(cohort=CohortFactory(project=project, name=f"W{number}")).cohort
    gate = create_gate(
        project=project,
        key=gate_key(cohort),
        title=cohort.name,
        criteria=[DoneWhen(text="The help desk knows.")],
        params={},
        acting_user=manager,
    )
    confirm_criterion(criterion=gate.criteria.get(), acting_user=manager, at=AT)
    decide_gate(gate=gate, choice="go", acting_user=manager, at=AT)
    return cohort, gate


def test_two_who_decide_on_the_same_figures_decide_once(project, manager, admin):
    for number in range(TIMES):
        _cohort, gate = gate_for(project, manager, number)
        seen = gate_standing(gate, AT).digest

        def decide(choice: str, user: User, gate: Gate = gate, seen: str = seen) -> None:
            more = {"until": date(2100, 1, 1)} if choice == "waiver" else {}
            row = Gate.objects.select_related("project").get(pk=gate.pk)
            decide_gate(
                gate=row, choice=choice, note="x", acting_user=user, at=AT, seen=seen, **more
            )

        found = at_once(
            lambda decide=decide: decide("no_go", manager),
            lambda decide=decide: decide("waiver", admin),
        )
        assert sorted(found) == ["", "Conflict"]
        assert GateDecision.objects.filter(gate=gate).count() == 2


def test_switch_and_no_go_at_once_come_one_after_the_other(project, manager):
    for number in range(TIMES):
        cohort, gate = gate_for(project, manager, number)

        def say_no(gate: Gate = gate) -> None:
            row = Gate.objects.select_related("project").get(pk=gate.pk)
            decide_gate(gate=row, choice="no_go", note="Stop.", acting_user=manager, at=AT)

        def switch(cohort: Cohort = cohort) -> None:
            row = Cohort.objects.select_related("project").get(pk=cohort.pk)
            switch_cohort(cohort=row, at=AT, acting_user=manager)

        found = at_once(switch, say_no)
        verbs = list(
            Event.objects.filter(project=project, verb__in=["cohort.switched", "gate.decided"])
            .order_by("-pk")
            .values_list("verb", flat=True)[:2]
        )
        status = Cohort.objects.get(pk=cohort.pk).status
        if found == ["", ""]:  # it had switched before anybody said no
            assert (status, verbs) == ("switched", ["gate.decided", "cohort.switched"])
        else:
            assert (found, status) == (["GateClosed", ""], "planned")


def test_go_never_rests_on_a_tick_that_was_taken_back(project, manager):
    for number in range(TIMES):
        _cohort, gate = gate_for(project, manager, number)

        def untick(gate: Gate = gate) -> None:
            row = gate.criteria.select_related("gate__project").get()
            unconfirm_criterion(criterion=row, acting_user=manager)

        def say_go(gate: Gate = gate) -> None:
            row = Gate.objects.select_related("project").get(pk=gate.pk)
            decide_gate(gate=row, choice="go", note="again", acting_user=manager, at=AT)

        found = at_once(untick, say_go)
        assert found in (["", ""], ["", "GateError"])
        last = gate.decisions.order_by("-pk")[0]
        assert (last.note == "again") is (found == ["", ""])
        assert last.readings[0]["state"] == "holds"
        assert not gate_standing(gate, AT).is_open
