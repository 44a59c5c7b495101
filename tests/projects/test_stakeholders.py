"""Who carries a project: adding, changing, removing, and that one manager is always left."""

import pytest

from accounts.models import User
from common.exceptions import DomainError
from projects.exceptions import ManagerNeeded, NotAllowedHere, PlanChanged
from projects.fingerprint import fingerprint
from projects.models import Event, Stakeholder
from projects.services.stakeholders import (
    EDIT_FIELDS,
    add_stakeholder,
    remove_stakeholder,
    update_stakeholder,
)
from tests.factories.people import UserFactory


def add(project, manager, **changes):
    given = {"name": "Bea Boss", "email": "bea@example.org", "access": "none", "role_codes": []}
    return add_stakeholder(project=project, acting_user=manager, **{**given, **changes})


def test_stakeholder_without_access_gets_no_account_and_no_mail(
    planned, manager, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        person = add(planned, manager)
    assert (person.user, person.access) == (None, "none")
    assert not User.objects.filter(email="bea@example.org").exists()
    assert mailoutbox == []


def test_stakeholder_with_access_is_invited(
    planned, manager, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        person = add(planned, manager, email="Bea@Example.org", access="viewer")
    assert (person.user.email, person.user.has_usable_password()) == ("bea@example.org", False)
    assert [mail.to for mail in mailoutbox] == [["bea@example.org"]]


def test_stakeholder_with_an_account_is_not_invited_again(
    planned, manager, mailoutbox, django_capture_on_commit_callbacks
):
    user = UserFactory(email="bea@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        assert add(planned, manager, email="BEA@example.org", access="viewer").user == user
    assert mailoutbox == []


def test_stakeholder_takes_over_what_their_roles_do_and_nobody_owns(planned, manager):
    planned.steps.filter(key__in=["go-1", "go-2"]).update(owner=None)
    planned.steps.filter(key="go-2").update(status="skipped")
    person = add(planned, manager, role_codes=["LEAD", "BOSS"])
    assert list(person.owned_steps.values_list("key", flat=True)) == ["go-1"]
    assert list(person.owned_goals.values_list("key", flat=True)) == ["calls"]
    assert list(person.owned_risks.all()) == []


def test_stakeholder_twice_is_refused(planned, manager):
    add(planned, manager)
    with pytest.raises(DomainError) as refused:
        add(planned, manager, email="BEA@example.org")
    assert str(refused.value) == "BEA@example.org is a stakeholder already."


def test_role_of_another_playbook_is_refused(planned, manager):
    with pytest.raises(NotAllowedHere) as refused:
        add(planned, manager, role_codes=["KING"])
    assert str(refused.value) == "“KING” is not a role of this project's playbook."


def test_switched_off_account_is_refused(planned, manager):
    UserFactory(email="bea@example.org", is_active=False)
    with pytest.raises(DomainError):
        add(planned, manager, access="viewer")
    assert not Stakeholder.objects.filter(email="bea@example.org").exists()


@pytest.mark.parametrize("access", ["contributor", "viewer", "none"])
def test_last_manager_keeps_the_right(access, planned, manager):
    person = planned.stakeholders.get(user=manager)
    with pytest.raises(ManagerNeeded):
        update_stakeholder(
            stakeholder=person, name="M", access=access, role_codes=[], acting_user=manager
        )
    with pytest.raises(ManagerNeeded):
        remove_stakeholder(stakeholder=person, acting_user=manager)
    assert planned.stakeholders.get(user=manager).access == "manager"


def test_last_manager_is_counted_without_switched_off_accounts(planned, manager):
    other = add(planned, manager, access="manager")
    other.user.is_active = False
    other.user.save()
    with pytest.raises(ManagerNeeded):
        remove_stakeholder(stakeholder=planned.stakeholders.get(user=manager), acting_user=manager)


def test_manager_may_go_when_another_stays(planned, manager):
    add(planned, manager, access="manager")
    remove_stakeholder(stakeholder=planned.stakeholders.get(user=manager), acting_user=manager)
    assert list(planned.stakeholders.filter(access="manager").values_list("email", flat=True)) == [
        "bea@example.org"
    ]
    assert set(planned.steps.values_list("owner", flat=True)) == {None}
    assert Event.objects.first().sentence == "Mona Manager is no stakeholder any more."


def test_access_given_later_invites(
    planned, manager, mailoutbox, django_capture_on_commit_callbacks
):
    person = add(planned, manager)
    with django_capture_on_commit_callbacks(execute=True):
        update_stakeholder(
            stakeholder=person,
            name="Bea",
            access="contributor",
            role_codes=["BOSS"],
            acting_user=manager,
        )
    person = Stakeholder.objects.get(pk=person.pk)
    assert (person.name, person.access, person.role_codes, person.user.email) == (
        "Bea",
        "contributor",
        ["BOSS"],
        "bea@example.org",
    )
    assert [mail.to for mail in mailoutbox] == [["bea@example.org"]]


def test_stakeholder_saved_by_two_tells_the_second(planned, manager):
    person = add(planned, manager)
    seen = fingerprint(person, EDIT_FIELDS)
    change = {"access": "none", "role_codes": [], "acting_user": manager, "seen": seen}
    update_stakeholder(stakeholder=person, name="First", **change)
    with pytest.raises(PlanChanged):
        update_stakeholder(stakeholder=person, name="Second", **change)
    assert Stakeholder.objects.get(pk=person.pk).name == "First"
