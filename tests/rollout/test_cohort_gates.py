"""Every cohort's go/no-go: made with the project, and what it asks of the cohort."""

from decimal import Decimal

import pytest
from django.utils.timezone import now

from accounts.models import User
from cohorts.gates import gate_key
from cohorts.models import Cohort
from playbooks.library import get_playbook, list_playbooks
from projects.models import Event, Gate, Project
from projects.queries.gates import find_gate, gate_standing
from projects.services.deciding import confirm_criterion, decide_gate
from rollout.services.gates import create_cohort_gate
from tests.rollout.whole import add_people, let_through, send, whole_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("march")]


@pytest.fixture
def pilot(upgrade: Project) -> Cohort:
    return upgrade.cohorts.get(kind="pilot")


def gate_of(cohort: Cohort) -> Gate:
    found = find_gate(cohort.project, gate_key(cohort))
    assert found is not None
    return found


def shown(cohort: Cohort) -> dict[str, tuple[str, Decimal | None]]:
    standing = gate_standing(gate_of(cohort), now())
    return {
        one.criterion.metric or one.criterion.text: (one.state.value, one.value)
        for one in standing.required
    }


@pytest.mark.parametrize("key", list_playbooks())
def test_every_cohort_gets_what_the_playbook_asks_of_its_kind(key: str, manager: User) -> None:
    project = whole_project(manager, key)
    recipe = get_playbook(key).cohort_recipe
    for cohort in project.cohorts.all():
        gate = gate_of(cohort)
        assert (gate.title, gate.params) == (cohort.name, {"cohort": cohort.pk})
        required = list(gate.criteria.filter(is_required=True).values_list("text", flat=True))
        assert required == [
            one.text for one in recipe.go_criteria if one.cohort_kind in (None, cohort.kind)
        ]
        reminders = gate.criteria.filter(is_required=False).values_list("text", flat=True)
        assert tuple(reminders) == recipe.checklist
    assert Event.objects.filter(verb="gate.created").count() == 1


def test_pilot_goes_when_everything_holds(pilot: Cohort, manager: User) -> None:
    by_hand = [one.text for one in gate_of(pilot).criteria.filter(is_required=True, metric="")]
    assert shown(pilot) == {
        "cohort_people": ("fails", 0),
        "people_without_address": ("holds", 0),
        "told": ("unknown", None),
        "open_blockers": ("holds", 0),
        **dict.fromkeys(by_hand, ("unconfirmed", None)),
    }
    people = add_people(pilot, 4)
    send(pilot.occurrences.get(message__key="P1"), people[:3])
    wave = pilot.project.cohorts.get(name="Wave 1")
    send(wave.occurrences.get(message__key="U1"), people)  # another cohort's mail tells nobody
    assert shown(pilot)["told"] == ("fails", 75)
    send(pilot.occurrences.get(message__key="P1"), people[3:])
    for row in gate_of(pilot).criteria.filter(is_required=True, metric=""):
        confirm_criterion(criterion=row, acting_user=manager, at=now())
    assert {state for state, _value in shown(pilot).values()} == {"holds"}
    decide_gate(gate=gate_of(pilot), choice="go", acting_user=manager, at=now())


def test_copies_of_older_playbooks_ask_by_the_metrics_own_kind(
    upgrade: Project, pilot: Cohort, manager: User
) -> None:
    upgrade.gates.all().delete()
    upgrade.playbook_snapshot["cohort_recipe"]["go_criteria"] = [
        {"text": "Waves", "metric": "told", "operator": ">=", "threshold": "95"}
        | {"params": {"message": "U1", "cohort_kind": "wave"}},
        {"text": "By hand", "metric": None, "params": {}, "operator": None, "threshold": None},
    ]
    upgrade.save()
    pilot = upgrade.cohorts.get(pk=pilot.pk)
    gate = create_cohort_gate(cohort=pilot, acting_user=manager)
    criteria = gate.criteria.filter(is_required=True)
    assert list(criteria.values_list("text", flat=True)) == ["By hand"]
    del upgrade.playbook_snapshot["cohort_recipe"]
    upgrade.save()
    wave = upgrade.cohorts.get(name="Wave 1")
    assert create_cohort_gate(cohort=wave, acting_user=manager).criteria.count() == 0


def test_setting_up_twice_changes_nothing(pilot: Cohort, manager: User) -> None:
    let_through(pilot, manager)
    before = gate_of(pilot)
    again = create_cohort_gate(cohort=pilot, acting_user=manager)
    assert (again.pk, again.decisions.count()) == (before.pk, 1)


def test_page_offers_to_set_up_what_is_not_there(pilot, manager, viewer, as_user) -> None:
    pilot.project.gates.all().delete()
    address = f"/projects/{pilot.project.slug}/cohorts/{pilot.pk}/"
    client = as_user(manager)
    assert "Set up go/no-go" in client.get(address).content.decode()
    answer = client.post(f"{address}gate/")
    assert answer["Location"] == f"/projects/{pilot.project.slug}/gates/cohort:{pilot.pk}/"
    page = client.get(address).content.decode()
    assert "Set up go/no-go" not in page
    assert "Nobody has decided yet." in page


def test_switch_on_the_page_waits_for_a_go(pilot, manager, as_user) -> None:
    add_people(pilot, 2)
    address = f"/projects/{pilot.project.slug}/cohorts/{pilot.pk}/"
    answer = as_user(manager).post(f"{address}switch/")
    assert answer.status_code == 409
    assert "Decide under Go/no-go." in answer.content.decode()
    let_through(pilot, manager)
    assert as_user(manager).post(f"{address}switch/").status_code == 302
