"""The pages of rules."""

import pytest
from django.urls import reverse

from cohorts.models import CohortRule, Membership
from cohorts.planning import RuleDraft
from cohorts.services.rules import EDIT_FIELDS, add_rule
from projects.fingerprint import fingerprint
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory


@pytest.fixture
def url(project):
    return lambda name, *args: reverse(f"cohorts:{name}", args=[project.slug, *args])


@pytest.fixture
def wave(project):
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def rule(wave):
    draft = RuleDraft(field="department", values=("Sales", "Elsewhere"))
    return add_rule(cohort=wave, draft=draft, acting_user=None)


def body(response) -> str:
    return response.content.decode()


def test_a_rule_is_added_in_two_steps_from_values_people_have(project, manager, as_user, url, wave):
    ParticipantFactory(project=project, department="R&D", attributes={"Floor": "3 <b>"})
    client = as_user(manager)
    page = body(client.get(url("rule_list")))
    assert 'value="attribute:Floor"' in page
    page = body(client.get(url("rule_add") + "?looks_at=department"))
    assert 'value="R&amp;D"' in page
    page = body(client.get(url("rule_add") + "?looks_at=attribute:Floor"))
    assert 'value="3 &lt;b&gt;"' in page
    response = client.post(
        url("rule_add") + "?looks_at=department",
        {
            "cohort": wave.pk,
            "ticked": ["R&D"],
            "typed": " Sales \r\n\r\nR&D",
            "sample_percent": "10",
            "keep_together": "office",
        },
    )
    assert response.headers["Location"] == url("rule_list")
    rule = CohortRule.objects.get()
    assert (rule.field, rule.values, rule.sample_percent, rule.keep_together) == (
        "department",
        ["R&D", "Sales"],
        10,
        "office",
    )
    shown = "Department is R&amp;D or Sales, about 10 % of them, keeping each office together"
    assert shown in body(client.get(url("rule_list")))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"cohort": "x", "typed": "Sales"},
        {"cohort": "WAVE"},
        {"cohort": "WAVE", "typed": "x" * 321},
        {"cohort": "WAVE", "typed": "\n".join(map(str, range(501)))},
        {"cohort": "WAVE", "typed": "Sales", "sample_percent": "101"},
        {"cohort": "WAVE", "typed": "Sales", "sample_percent": "ten"},
        {"cohort": "WAVE", "typed": "Sales", "keep_together": "country"},
    ],
)
def test_a_rule_that_says_nothing_is_asked_for_again(manager, as_user, url, wave, data):
    data = {key: wave.pk if value == "WAVE" else value for key, value in data.items()}
    response = as_user(manager).post(url("rule_add") + "?looks_at=department", data)
    assert response.status_code == 422
    assert CohortRule.objects.count() == 0


def test_a_rule_looks_at_what_there_is(manager, as_user, url):
    client = as_user(manager)
    assert client.get(url("rule_add") + "?looks_at=shoes").status_code == 422
    assert client.get(url("rule_add") + "?looks_at=attribute:Nothing").status_code == 422
    assert client.get(url("rule_add") + "?looks_at=%00").status_code == 400


def test_a_rule_is_changed_and_whoever_saves_second_is_told(
    project, manager, as_user, url, wave, rule
):
    ParticipantFactory(project=project, department="Sales")
    client, seen = as_user(manager), fingerprint(rule, EDIT_FIELDS)
    page = client.get(url("rule_edit", rule.pk))
    form = page.context["form"]
    assert (form["ticked"].value(), form["typed"].value()) == (["Sales"], "Elsewhere")
    data = {"cohort": wave.pk, "ticked": ["Sales"], "seen": seen}
    assert client.post(url("rule_edit", rule.pk), data).status_code == 302
    assert client.post(url("rule_edit", rule.pk), data).status_code == 409
    rule.refresh_from_db()
    assert rule.values == ["Sales"]


def test_the_buttons_beside_a_rule(manager, as_user, url, wave, rule):
    other = add_rule(cohort=wave, draft=RuleDraft(field="everybody"), acting_user=None)
    client = as_user(manager)

    def press(what: str) -> list[tuple[int, bool]]:
        assert client.post(url("rule_change", other.pk), {"what": what}).status_code == 302
        rules = CohortRule.objects.order_by("position")
        return list(rules.values_list("pk", "is_on"))

    assert press("up") == [(other.pk, True), (rule.pk, True)]
    assert press("off") == [(other.pk, False), (rule.pk, True)]
    assert press("on") == press("up") == [(other.pk, True), (rule.pk, True)]
    assert press("down") == [(rule.pk, True), (other.pk, True)]
    assert press("remove") == [(rule.pk, True)]
    assert client.post(url("rule_change", other.pk), {"what": "up"}).status_code == 404
    assert client.post(url("rule_change", rule.pk), {"what": "burn"}).status_code == 422


def test_the_preview_says_what_happens_and_the_button_does_it(
    project, manager, as_user, url, wave, rule
):
    ParticipantFactory(project=project, department="Sales")
    stays = MembershipFactory(cohort__project=project, participant__department="Sales")
    client = as_user(manager)
    page = client.get(url("rule_preview"))
    assert "1: placed by hand or by a file" in body(page)
    assert "Place 1 person" in body(page)
    ticked = client.get(url("rule_preview") + "?also=hand")
    assert "Place 2 people" in body(ticked)
    digest = ticked.context["plan"].digest
    # The ticks are part of what was seen.
    assert client.post(url("rule_preview"), {"digest": digest}).status_code == 409
    assert Membership.objects.filter(cohort=wave).count() == 0
    response = client.post(url("rule_preview"), {"digest": digest, "also": "hand"})
    assert response.headers["Location"] == url("cohort_list")
    assert Membership.objects.filter(cohort=wave).count() == 2
    stays.refresh_from_db()
    assert stays.placement_note == "Rule 1: department is Sales or Elsewhere"
    assert "There is nothing to do" in body(client.get(url("rule_preview")))
    assert client.get(url("rule_preview") + "?also=nobody").status_code == 422


def test_readers_see_rules_without_ways_to_change_them(viewer, as_user, url, rule):
    page = body(as_user(viewer).get(url("rule_list")))
    assert "Department is Sales or Elsewhere" in page
    assert url("rule_preview") not in page
    assert url("rule_change", rule.pk) not in page
