"""Undoing the last import: as if it had never been, unless somebody built on it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohorts import tasks
from cohorts.enums import CohortStatus
from cohorts.exceptions import CohortFull, UndoRefused
from cohorts.models import Membership, Participant, RosterBefore, RosterImport
from cohorts.services import undo_work
from cohorts.services.cohorts import switch_cohort
from cohorts.services.members import assign_people, leave
from cohorts.services.roster import import_people
from cohorts.services.undo import Undone, undo_import
from projects.models import Event
from tests.cohorts.counted import counted, kept
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import DeliveryFactory

TEXT = "upn,name,Team\na@x.org,Anna,North\nb@x.org,Bert,South\n"


@pytest.fixture
def load(project, manager):
    def run(text: str, **options):
        usual = {"cohort": None, "is_strict": False, "is_dry_run": False}
        stream = io.BytesIO(text.encode())
        return import_people(project=project, stream=stream, acting_user=manager, **usual | options)

    return run


@pytest.fixture
def undo(project, manager):
    def run() -> Undone:
        made = RosterImport.objects.get(project=project)
        return undo_import(project=project, made=made, acting_user=manager)

    return run


def everything() -> list[object]:
    """Every fact an import may touch, of people and of memberships."""
    people = Participant.objects.order_by("key").values()
    places = Membership.objects.order_by("participant__key", "kind").values()
    return [*people, *places]


def test_new_people_are_removed_with_their_places(load, undo, project):
    known = ParticipantFactory(project=project, upn="k@x.org")
    wave = CohortFactory(project=project)
    before = everything()
    load(TEXT, cohort=wave)
    assert Membership.objects.count() == 2
    assert undo() == Undone(removed=2, kept=0, restored=0, returned=0)
    assert everything() == before
    assert (Participant.objects.get(), RosterImport.objects.count()) == (known, 0)
    assert Event.objects.order_by("-pk").first().verb == "people.import_undone"


def test_changed_moved_and_left_people_are_as_before(load, undo, project):
    wave, other = CohortFactory(project=project), CohortFactory(project=project)
    load(TEXT.replace("North", "West"), cohort=other)
    load("upn,name\nc@x.org,Cleo\n")
    ParticipantFactory(project=project, upn="d@x.org", display_name="D", status="left")
    before = everything()
    text = "upn,name,Team\na@x.org,Änne,North\nb@x.org,Bert,South\nd@x.org,D,\ne@x.org,E,\n"
    report = load(text, cohort=wave, is_whole=True, leavers_agreed=1)
    assert (report.created, report.updated, report.left) == (1, 3, 1)
    assert everything() != before
    assert undo() == Undone(removed=1, kept=0, restored=3, returned=1)
    assert everything() == before
    assert RosterBefore.objects.count() == 0


def test_who_has_had_a_mail_is_kept_as_left(load, undo, project):
    load(TEXT)
    DeliveryFactory(participant=Participant.objects.get(key="a@x.org"))
    assert undo() == Undone(removed=1, kept=1, restored=0, returned=0)
    person = Participant.objects.get()
    assert (person.key, person.status, person.left_at is None) == ("a@x.org", "left", False)


def test_an_import_that_changes_nothing_leaves_the_one_before_to_be_undone(load, undo):
    load(TEXT)
    made = RosterImport.objects.get()
    load(TEXT)
    load("upn\nnot an address\n")
    assert RosterImport.objects.get() == made
    assert undo().removed == 2


def test_only_the_last_import_can_be_undone(load, project, manager):
    load(TEXT)
    first = RosterImport.objects.get()
    load(TEXT.replace("North", "West"))
    with pytest.raises(UndoRefused, match="was undone, or another one was made since"):
        undo_import(project=project, made=first, acting_user=manager)
    undo_import(project=project, made=RosterImport.objects.get(), acting_user=manager)
    assert Participant.objects.get(key="a@x.org").attributes == {"Team": "North"}


@pytest.mark.parametrize(
    ("build", "what"),
    [
        ("change", "1 person was changed again"),
        ("leave", "1 person was changed again"),
        ("move", "1 person was moved or has switched"),
        ("take out", "1 person was moved or has switched"),
        ("switch", "2 people were moved or have switched"),
        ("finish", "1 person would go back to a cohort that is over"),
    ],
)
def test_what_was_built_on_an_import_refuses_its_undoing(load, undo, project, manager, build, what):
    wave, other, third = (CohortFactory(project=project) for _n in range(3))
    load(TEXT)
    anna = Participant.objects.filter(key="a@x.org")
    assign_people(cohort=other, participants=anna, acting_user=manager)
    load(TEXT.replace("Anna", "Änne"), cohort=wave)
    match build:
        case "change":
            anna.update(department="Sales")
        case "leave":
            leave(participant=anna.get(), acting_user=manager)
        case "move":
            assign_people(cohort=third, participants=anna, acting_user=manager)
        case "take out":
            Membership.objects.filter(participant=anna.get()).delete()
        case "switch":
            switch_cohort(cohort=wave, acting_user=manager, at=now())
        case "finish":
            other.status = CohortStatus.CANCELLED
            other.save()
    before = everything()
    with pytest.raises(UndoRefused) as caught:
        undo()
    assert what in str(caught.value)
    assert everything() == before


def test_a_cohort_that_is_full_by_now_refuses_the_undoing(load, undo, project, manager):
    wave, other = CohortFactory(project=project), CohortFactory(project=project, capacity=1)
    load(TEXT)
    anna = Participant.objects.filter(key="a@x.org")
    assign_people(cohort=other, participants=anna, acting_user=manager)
    load("upn\na@x.org\n", cohort=wave)
    MembershipFactory(cohort=other, participant=ParticipantFactory(project=project))
    with pytest.raises(CohortFull):
        undo()
    assert Membership.objects.get(participant=anna.get()).cohort == wave


NUMBERS = st.dictionaries(st.integers(0, 5), st.sampled_from(["North", "South", ""]), max_size=6)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=NUMBERS, second=NUMBERS, is_whole=st.booleans(), is_placed=st.booleans())
def test_undoing_any_import_is_as_if_it_had_never_been(
    load, undo, project, first, second, is_whole, is_placed
):
    Membership.objects.all().delete()
    Participant.objects.all().delete()
    RosterImport.objects.all().delete()
    wave = CohortFactory(project=project)
    load(roster(first), cohort=CohortFactory(project=project))
    before = everything()
    seen = RosterImport.objects.first()
    options = {"cohort": wave if is_placed else None, "is_whole": is_whole}
    dry = load(roster(second), is_dry_run=True, **options)
    load(roster(second), leavers_agreed=dry.left, **options)
    assert kept(project) == counted(project)
    if RosterImport.objects.first() != seen:
        undo()
    assert everything() == before
    assert kept(project) == counted(project)


def roster(people: dict[int, str]) -> str:
    return "upn,Team\n" + "".join(f"p{n}@x.org,{team}\n" for n, team in people.items())


def test_the_page_undoes_once(load, project, manager, as_user):
    client = as_user(manager)
    address = reverse("cohorts:people_undo", args=[project.slug])
    assert "Nothing to undo" in client.get(address).content.decode()
    load(TEXT)
    assert "What goes back" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert Participant.objects.count() == 0
    assert client.post(address).status_code == 200


def test_the_page_says_what_stands_in_the_way(load, project, manager, as_user):
    load(TEXT)
    load(TEXT.replace("Anna", "Änne"))
    Participant.objects.filter(key="a@x.org").update(office="Hamburg")
    response = as_user(manager).post(reverse("cohorts:people_undo", args=[project.slug]))
    assert response.status_code == 409
    assert "1 person was changed again" in response.content.decode()


def test_the_command_undoes_once(load, project, capsys):
    load(TEXT)
    call_command("undo_import", project.slug, "--json")
    result = {"removed": 2, "kept": 0, "restored": 0, "returned": 0}
    assert json.loads(capsys.readouterr().out) == result
    with pytest.raises(CommandError, match="No import has been made"):
        call_command("undo_import", project.slug)


@pytest.fixture
def _everything_is_large(monkeypatch) -> None:
    monkeypatch.setattr(undo_work, "AT_ONCE", 1)


@pytest.mark.usefixtures("_everything_is_large")
def test_a_large_import_is_undone_by_a_worker(load, project, manager, as_user):
    client, address = as_user(manager), reverse("cohorts:people_undo", args=[project.slug])
    load(TEXT)
    assert client.post(address)["Location"] == address
    assert "A worker is undoing this import." in client.get(address).content.decode()
    assert client.post(address).status_code == 409
    assert Participant.objects.count() == 2
    undo_work.tend_undoing()
    tasks.undo_import(RosterImport.objects.get().pk)
    tasks.undo_import(0)
    assert Participant.objects.count() == 0
    assert Event.objects.get(verb="people.import_undone").actor == manager
    assert "Nothing to undo" in client.get(address).content.decode()


@pytest.mark.usefixtures("_everything_is_large")
def test_a_worker_that_cannot_undo_says_why(load, project, manager, as_user):
    client, address = as_user(manager), reverse("cohorts:people_undo", args=[project.slug])
    load(TEXT)
    load(TEXT.replace("Anna", "Änne").replace("Bert", "Berta"))
    client.post(address)
    Participant.objects.filter(key="a@x.org").update(office="Hamburg")
    tasks.undo_import(RosterImport.objects.get().pk)
    page = client.get(address).content.decode()
    assert "1 person was changed again" in page
    assert "What goes back" in page
    assert client.post(address).status_code == 409
