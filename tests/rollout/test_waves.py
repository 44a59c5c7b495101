"""A cohort added to a running project, split, joined to another, given up."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from cohorts.enums import CohortStatus
from cohorts.exceptions import CohortError, CohortFull
from cohorts.models import Cohort, CohortRule, Membership, Participant
from cohorts.planning import CohortPlan, RuleDraft
from cohorts.services.rules import add_rule
from common.exceptions import Conflict
from communications.models import Delivery, Message, Occurrence
from communications.queries.audience import people_of
from communications.services.pipeline.clock import database_now
from projects.models import Gate, Project
from rollout.queries.waves import plan_split, plan_wave
from rollout.services.waves import add_wave, cancel_wave, merge_waves, split_wave
from rollout.waves import SplitDraft, WaveDraft
from surveys.models import Survey
from tests.factories.cohorts import MembershipFactory
from tests.rollout.whole import add_people, send

SALES = RuleDraft(field="department", values=("Sales",))


def draft(project: Project, **changes: object) -> WaveDraft:
    copied = changes.pop("copied_from", None)
    like = project.cohorts.filter(kind="wave").order_by("position").last()
    assert like is not None
    usual = CohortPlan(
        kind="wave",
        name="Wave 5",
        position=0,
        switch_on=date(2100, 6, 15),
        switch_time=time(18, 0),
        timezone="Europe/Berlin",
        ends_on=date(2100, 7, 6),
        from_mode=like.from_mode,
        to_mode=like.to_mode,
    )
    return WaveDraft(cohort=replace(usual, **changes), copied_from=copied)


def made(project: Project, wanted: WaveDraft, user) -> Cohort:
    plan = plan_wave(project=project, draft=wanted, at=database_now())
    return add_wave(project=project, draft=wanted, seen_digest=plan.digest, acting_user=user)


def wave(project: Project, number: int) -> Cohort:
    return project.cohorts.get(name=f"Wave {number}")


def own_mails(cohort: Cohort) -> list[tuple[str, datetime | None]]:
    rows = cohort.occurrences.order_by("due_at", "message__title")
    return list(rows.values_list("message__title", "due_at"))


def test_a_wave_comes_with_all_that_the_plan_shows(upgrade, manager):
    wanted = draft(upgrade, capacity=40)
    plan = plan_wave(project=upgrade, draft=wanted, at=database_now())
    new = made(upgrade, wanted, manager)
    assert (new.name, new.capacity, new.status, new.position) == ("Wave 5", 40, "planned", 4)
    assert own_mails(new) == [(one.title, one.due_at) for one in plan.messages]
    surveys = Survey.objects.filter(cohort=new).order_by("opens_on")
    assert list(surveys.values_list("title", "opens_on")) == [
        (one.title, one.opens_on) for one in plan.surveys
    ]
    gate = Gate.objects.get(project=upgrade, key=f"cohort:{new.pk}")
    assert gate.criteria.filter(is_required=True).count() == plan.criteria
    assert all((plan.messages, plan.surveys, plan.criteria))
    # As the waves that the project began with, which have no reminder before a survey opens.
    old = wave(upgrade, 3)
    assert [title for title, _due in own_mails(new)] == [title for title, _due in own_mails(old)]
    kinds = set(new.occurrences.values_list("message__audience_kind", flat=True))
    assert "survey_unanswered" not in kinds
    assert Message.objects.filter(project=upgrade, audience_kind="survey_unanswered").exists()
    assert "window_long" in {warning.code for warning in plan.warnings}


def test_what_counts_from_the_last_switch_moves_along_and_nothing_else(upgrade, manager):
    wanted = draft(upgrade)
    plan = plan_wave(project=upgrade, draft=wanted, at=database_now())
    before = rows_of(upgrade)
    made(upgrade, wanted, manager)
    after = rows_of(upgrade)
    moved = {key for key, value in before.items() if after[key] != value}
    assert moved == {(one.kind.value, one.pk) for one in plan.changing}
    assert {kind for kind, _pk in moved} >= {"step", "milestone"}


def rows_of(project: Project) -> dict[tuple[str, int], tuple[object, ...]]:
    rows: dict[tuple[str, int], tuple[object, ...]] = {}
    for kind, query, names in (
        ("step", project.steps, ("starts_on", "ends_on")),
        ("milestone", project.milestones, ("on",)),
        ("survey", project.surveys, ("opens_on",)),
        ("message", project.occurrences, ("due_at", "not_after")),
    ):
        rows |= {(kind, pk): values for pk, *values in query.values_list("pk", *names)}
    return rows


def test_a_wave_between_two_others_takes_its_place(upgrade, manager):
    first, second = wave(upgrade, 1), wave(upgrade, 2)
    between = first.switch_on + (second.switch_on - first.switch_on) / 2
    if between < database_now().date():
        pytest.skip("the waves of the usual draft have passed")
    new = made(
        upgrade, draft(upgrade, name="Wave 1b", switch_on=between, ends_on=second.ends_on), manager
    )
    names = upgrade.cohorts.order_by("position").values_list("name", flat=True)
    assert list(names) == ["Pilot", "Wave 1", "Wave 1b", "Wave 2", "Wave 3"]
    assert new.position == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"switch_on": date(2020, 1, 1)},
        {"ends_on": date(2100, 6, 14)},
        {"name": "wave 1"},
        {"to_mode": "nowhere"},
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_shown(upgrade, changes):
    with pytest.raises(CohortError):
        plan_wave(project=upgrade, draft=draft(upgrade, **changes), at=database_now())


def test_a_plan_that_is_old_is_refused(upgrade, manager):
    plan = plan_wave(project=upgrade, draft=draft(upgrade), at=database_now())
    upgrade.freezes.create(title="No", starts_on=date(2100, 6, 1), ends_on=date(2100, 6, 30))
    with pytest.raises(Conflict):
        add_wave(
            project=upgrade, draft=draft(upgrade), seen_digest=plan.digest, acting_user=manager
        )
    assert not upgrade.cohorts.filter(name="Wave 5").exists()


def test_a_copy_has_the_rules_all_of_them_off_and_no_people(upgrade, manager):
    old = wave(upgrade, 3)
    MembershipFactory(cohort=old)
    add_rule(cohort=old, draft=SALES, acting_user=manager)
    add_rule(cohort=wave(upgrade, 2), draft=SALES, acting_user=manager)
    new = made(upgrade, draft(upgrade, copied_from=old.pk), manager)
    rules = CohortRule.objects.filter(project=upgrade).order_by("position")
    assert list(rules.values_list("position", "cohort__name", "is_on")) == [
        (1, "Wave 3", True),
        (2, "Wave 2", True),
        (3, "Wave 5", False),
    ]
    assert new.memberships.count() == 0


def test_a_copy_waits_for_approvals_and_days_of_its_own(upgrade, manager):
    old = wave(upgrade, 3)
    past = database_now() - timedelta(days=9)
    decided = {"approved_by": manager, "approved_at": past, "approved_count": 7}
    old.occurrences.update(state="approved", approved_due_at=past, **decided)
    for_an_instant = old.occurrences.order_by("pk").first()
    old.occurrences.filter(pk=for_an_instant.pk).update(
        wall_at=None, due_at=past, not_after=past, ordered_at=past
    )
    new = made(upgrade, draft(upgrade, copied_from=old.pk), manager)
    columns = ("state", "approved_by", "approved_at", "approved_count", "approved_due_at")
    found = new.occurrences.values_list(*columns, "ordered_at", "content_revision").distinct()
    assert list(found.order_by()) == [("planned", None, None, None, None, None, None)]
    titles = [title for title, _due in own_mails(old)]
    assert sorted(title for title, _due in own_mails(new)) == sorted(titles)
    days = {row.due_at.year if row.due_at else None for row in new.occurrences.all()}
    assert days <= {2100, None}


def split(cohort: Cohort, user, who: RuleDraft = SALES, **changes: object) -> Cohort:
    wanted = draft(cohort.project, **changes)
    part = SplitDraft(cohort_id=cohort.pk, who=who)
    plan = plan_split(cohort=cohort, draft=wanted, split=part, at=database_now())
    return split_wave(
        cohort=cohort, draft=wanted, split=part, seen_digest=plan.digest, acting_user=user
    )


def people_in(cohort: Cohort) -> set[int]:
    return set(cohort.memberships.values_list("participant", flat=True))


def first_mail(cohort: Cohort) -> Occurrence:
    mail = cohort.occurrences.filter(message__body__contains="{switch_date}").first()
    assert mail is not None
    return mail


def test_split_takes_a_department_and_corrects_those_who_were_told(upgrade, manager):
    old = wave(upgrade, 3)
    sales, others = add_people(old, 4, "Sales"), add_people(old, 2, "IT")
    mail = first_mail(old)
    send(mail, [sales[0], others[0]])
    Delivery.objects.update(sent_at=database_now())
    send(mail, [sales[1]], "queued")
    Membership.objects.filter(participant=sales[3]).update(placed_by="choice")
    new = split(old, manager)
    gone = {person.pk for person in sales[:3]}
    assert (people_in(new), len(people_in(old))) == (gone, 3)
    notes = set(new.memberships.values_list("placed_by", "placement_note"))
    assert notes == {("split", "Split off “Wave 3”: department is Sales")}
    # The waiting mail of the old date is taken back; one correction for who was told, no other.
    assert Delivery.objects.get(participant=sales[1]).state == "skipped"
    correction = new.occurrences.get(message__audience_kind="told")
    assert set(people_of(correction, database_now()).values_list("pk", flat=True)) == {sales[0].pk}
    assert correction.state == "approved"


def test_nobody_is_corrected_where_the_moment_is_the_same(upgrade, manager):
    old = wave(upgrade, 3)
    if old.switch_on < database_now().date():
        pytest.skip("the waves of the usual draft have passed")
    sales = add_people(old, 1, "Sales")
    send(first_mail(old), sales)
    Delivery.objects.update(sent_at=database_now())
    new = split(old, manager, switch_on=old.switch_on, switch_time=old.switch_time)
    assert people_in(new) == {sales[0].pk}
    assert not new.occurrences.filter(message__audience_kind="told").exists()


def test_half_of_a_cohort_keeps_teams_together_whatever_filled_it(upgrade, manager):
    old = wave(upgrade, 3)
    for number in range(30):
        add_people(old, 3, f"D{number}")
    half = RuleDraft(field="everybody", sample_percent=50, keep_together="department")
    new = split(old, manager, half)
    cells = set(new.memberships.values_list("participant__department", flat=True))
    assert 5 <= len(cells) <= 25
    assert len(people_in(new)) == 3 * len(cells)


def test_a_split_whose_people_changed_is_refused(upgrade, manager):
    old = wave(upgrade, 3)
    add_people(old, 2, "Sales")
    wanted, part = draft(upgrade), SplitDraft(cohort_id=old.pk, who=SALES)
    plan = plan_split(cohort=old, draft=wanted, split=part, at=database_now())
    add_people(old, 1, "Sales")
    with pytest.raises(Conflict):
        split_wave(
            cohort=old, draft=wanted, split=part, seen_digest=plan.digest, acting_user=manager
        )
    with pytest.raises(CohortFull):
        split(old, manager, capacity=2)
    assert not upgrade.cohorts.filter(name="Wave 5").exists()
    assert len(people_in(old)) == 3


def test_merge_moves_everybody_corrects_who_was_told_and_cancels_the_rest(upgrade, manager):
    old, into = wave(upgrade, 2), wave(upgrade, 3)
    told, other = add_people(old, 2)
    (left,) = add_people(old, 1)
    Participant.objects.filter(pk=left.pk).update(status="left")
    here = add_people(into, 1)
    send(first_mail(old), [told])
    Delivery.objects.update(sent_at=database_now())
    add_rule(cohort=old, draft=SALES, acting_user=manager)
    merge_waves(cohort=old, into=into, expected=3, acting_user=manager)
    old.refresh_from_db()
    assert (old.status, people_in(old)) == (CohortStatus.CANCELLED, set())
    assert people_in(into) == {told.pk, other.pk, left.pk, here[0].pk}
    states = set(old.occurrences.values_list("state", flat=True))
    assert states <= {"cancelled", "done"}
    correction = into.occurrences.get(message__audience_kind="told")
    assert set(people_of(correction, database_now()).values_list("pk", flat=True)) == {told.pk}
    assert CohortRule.objects.get().cohort_id == into.pk
    note = Membership.objects.get(participant=told)
    assert (note.placed_by, note.placement_note) == ("merge", "Came with all of “Wave 2”")


def test_merge_is_refused_for_another_kind_another_number_and_too_few_places(upgrade, manager):
    old, into, pilot = wave(upgrade, 2), wave(upgrade, 3), upgrade.cohorts.get(kind="pilot")
    add_people(old, 2)
    for target in (old, pilot):
        with pytest.raises(CohortError):
            merge_waves(cohort=old, into=target, expected=2, acting_user=manager)
    with pytest.raises(Conflict):
        merge_waves(cohort=old, into=into, expected=1, acting_user=manager)
    Cohort.objects.filter(pk=into.pk).update(capacity=1)
    with pytest.raises(CohortFull):
        merge_waves(cohort=old, into=into, expected=2, acting_user=manager)
    old.refresh_from_db()
    assert (old.status, len(people_in(old))) == (CohortStatus.PLANNED, 2)


def test_cancel_takes_people_out_and_cancels_what_was_not_sent(upgrade, manager):
    last = wave(upgrade, 3)
    add_people(last, 2)
    with pytest.raises(Conflict):
        cancel_wave(cohort=last, expected=1, acting_user=manager)
    before = rows_of(upgrade)
    cancel_wave(cohort=last, expected=2, acting_user=manager)
    last.refresh_from_db()
    assert (last.status, people_in(last)) == (CohortStatus.CANCELLED, set())
    assert set(last.occurrences.values_list("state", flat=True)) == {"cancelled"}
    # The last switch is an earlier one now, and the plan follows it.
    after = rows_of(upgrade)
    assert {kind for kind, pk in before if after[kind, pk] != before[kind, pk]} >= {"step"}
