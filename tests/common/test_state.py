"""Status moves: the table, the compare-and-set, and two who press at once."""

import threading

import pytest
from django.db import connection

from common.exceptions import Conflict, DomainError, StaleState
from common.state import StatusChange, change_status, label
from projects.enums import PROJECT_TRANSITIONS
from projects.models import Project
from tests.factories.projects import ProjectFactory


def move(row: Project, new: str, **also: object) -> StatusChange:
    return change_status(row, new, transitions=PROJECT_TRANSITIONS, **also)


def test_move_sets_status_and_columns_on_row_and_object(db: None) -> None:
    project = ProjectFactory()
    assert move(project, "paused", vision="Later") == StatusChange(old="active", new="paused")
    assert (project.status, project.vision) == ("paused", "Later")
    stored = Project.objects.get(pk=project.pk)
    assert (stored.status, stored.vision) == ("paused", "Later")


def test_move_writes_no_other_column(db: None) -> None:
    project = ProjectFactory(name="Old")
    Project.objects.filter(pk=project.pk).update(name="New")
    move(project, "paused")
    assert Project.objects.get(pk=project.pk).name == "New"


@pytest.mark.parametrize("new", ["active", "nonsense", ""])
def test_move_outside_the_table_is_refused(new: str, db: None) -> None:
    project = ProjectFactory()
    with pytest.raises(StaleState) as refused:
        move(project, new)
    assert str(refused.value) == (
        f"This cannot go from “active” to “{new}”. Reload the page to see how it stands."
    )
    assert project.status == Project.objects.get(pk=project.pk).status == "active"


def test_move_from_a_status_that_is_no_longer_so_is_refused(db: None) -> None:
    project = ProjectFactory()
    stale = Project.objects.get(pk=project.pk)
    move(project, "closed")
    with pytest.raises(StaleState) as refused:
        move(stale, "paused", vision="Mine")
    assert str(refused.value) == (
        "Somebody else changed this a moment ago. Reload the page and look again."
    )
    assert stale.status == "active"
    stored = Project.objects.get(pk=project.pk)
    assert (stored.status, stored.vision) == ("closed", "")


def test_move_of_a_row_that_is_gone_is_refused(db: None) -> None:
    project = ProjectFactory()
    Project.objects.all().delete()
    with pytest.raises(StaleState):
        move(project, "paused")


def test_stale_state_is_a_conflict_a_page_can_show() -> None:
    assert issubclass(StaleState, Conflict)
    assert (int(StaleState("x").status), int(DomainError("x").status)) == (409, 422)


def test_label_is_the_word_people_see(db: None) -> None:
    project = ProjectFactory()
    assert [label(project, "status", value) for value in ("active", "unknown")] == [
        "active",
        "unknown",
    ]


def test_of_many_who_press_at_once_one_moves_it(transactional_db: None) -> None:
    project = ProjectFactory()
    start, outcomes = threading.Barrier(8), []

    def press() -> None:
        mine = Project.objects.get(pk=project.pk)
        start.wait()
        try:
            move(mine, "paused")
            outcomes.append("moved")
        except StaleState:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", *["stale"] * 7]
