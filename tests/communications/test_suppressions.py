"""No mail to an address: in all projects, in every spelling, at once."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from cohorts.models import Participant
from common.addresses import address_key
from communications.audience_kinds import EVERYONE
from communications.enums import DeliveryState, SuppressionKind
from communications.exceptions import SuppressionRefused
from communications.models import Delivery, Suppression
from communications.queries.addressees import addressees_of
from communications.queries.reach import Funnel, funnel
from communications.services.pipeline.decide import load_rules
from communications.services.suppressions import release, suppress
from tests.factories.cohorts import ParticipantFactory
from tests.factories.communications import (
    DeliveryFactory,
    OccurrenceFactory,
    SuppressionFactory,
)
from tests.factories.projects import StakeholderFactory

SPELLINGS = {
    "anna@xn--mller-kva.example": ("Anna@Müller.example", " anna@XN--MLLER-KVA.example"),
    "bert@strasse.example": ("bert@straße.example", "BERT@STRASSE.example"),
    "carl@example.org": ("CARL@Example.ORG", "carl@example.org"),
}


@pytest.mark.parametrize(("key", "spellings"), SPELLINGS.items())
def test_what_is_counted_as_suppressed_is_what_is_not_sent(db, key, spellings):
    """The claim compares in Python, the figure in SQL."""
    occurrence = OccurrenceFactory(message__audience_kind=EVERYONE, cohort=None)
    for number, mail in enumerate(spellings):
        ParticipantFactory(project=occurrence.project, key=f"k{number}", upn="", mail=mail)
    ParticipantFactory(project=occurrence.project, mail="anna@mueller.example")
    assert {address_key(mail) for mail in spellings} == {key}
    assert funnel(occurrence, now()) == Funnel(3, 0, 0)
    suppress(address=spellings[0], reason="asked for it", acting_user=None)
    assert funnel(occurrence, now()) == Funnel(3, do_not_contact=2)
    assert load_rules([*spellings, "anna@mueller.example"], [], now()).suppressed == {
        key: "asked for it"
    }


@pytest.mark.parametrize(("key", "spellings"), SPELLINGS.items())
def test_an_addressee_is_found_in_every_spelling_and_project(db, key, spellings):
    found = [
        ParticipantFactory(key=f"k{number}", upn="", mail=mail)
        for number, mail in enumerate(spellings)
    ]
    by_upn = ParticipantFactory(upn=spellings[1], key=address_key(spellings[1]))
    stakeholder = StakeholderFactory(email=spellings[0].strip())
    ParticipantFactory(upn=spellings[0], mail="elsewhere@example.org", key="x")
    ParticipantFactory(mail=f"un{key}", key="y", upn="")
    addressees = addressees_of(key)
    assert set(addressees.participants) == {*(one.pk for one in found), by_upn.pk}
    assert addressees.stakeholders == (stakeholder.pk,)
    assert addressees_of("@example.org").participants == ()


def test_suppressing_takes_back_what_waits_in_all_projects(manager):
    states = ("queued", "claimed", "sending", "sent", "failed")
    rows = {}
    for state in states:
        person = ParticipantFactory(mail="Anna@Example.org", key="anna@example.org", upn="")
        rows[state] = DeliveryFactory(
            participant=person, occurrence__message__project=person.project, state=state
        )
    other = DeliveryFactory(state="queued")
    suppress(address="anna@example.org", reason="asked for it", acting_user=manager)
    now_is = dict(Delivery.objects.values_list("pk", "state"))
    assert {state: now_is[row.pk] for state, row in rows.items()} == {
        **{state: state for state in states},
        "queued": "skipped",
        "claimed": "skipped",
    }
    assert now_is[other.pk] == DeliveryState.QUEUED
    assert Delivery.objects.get(pk=rows["queued"].pk).reason == "suppressed: asked for it"


def test_a_bounce_does_not_overrule_a_person_but_what_has_run_out_does_not_count(manager):
    until = now() + timedelta(days=3)
    suppress(address="a@x.org", reason="asked", until=until, acting_user=manager)
    bounce = {"kind": SuppressionKind.HARD_BOUNCE, "reason": "550", "acting_user": None}
    assert suppress(address="A@x.org", **bounce).kind == SuppressionKind.DO_NOT_CONTACT
    assert Suppression.objects.get().until == until
    SuppressionFactory(
        address_key="b@x.org", kind="do_not_contact", until=now() - timedelta(days=1)
    )
    row = suppress(address="b@x.org", **bounce)
    assert (row.kind, row.until, row.reason) == (SuppressionKind.HARD_BOUNCE, None, "550")
    row = suppress(address="b@x.org", reason="asked", acting_user=manager)
    assert (row.kind, row.set_by) == (SuppressionKind.DO_NOT_CONTACT, manager)


@pytest.mark.parametrize("address", ["", "  ", "@example.org", "nobody"])
def test_no_address_is_no_suppression(db, address):
    with pytest.raises(SuppressionRefused, match="no address"):
        suppress(address=address, reason="r", acting_user=None)


def test_an_end_in_the_past_is_refused(db):
    with pytest.raises(SuppressionRefused, match="in the past"):
        suppress(address="a@x.org", reason="r", until=now(), acting_user=None)
    assert Suppression.objects.count() == 0


def test_releasing_lets_mail_go_again_and_the_record_names_nobody(project, manager):
    ParticipantFactory(project=project, mail="anna@example.org")
    acts = {"acting_user": manager, "project": project}
    suppress(address="anna@example.org", reason="Anna asked", **acts)
    assert release(address="ANNA@example.org", **acts) is not None
    assert release(address="anna@example.org", **acts) is None
    assert Suppression.objects.count() == 0
    assert list(project.events.order_by("pk").values_list("sentence", flat=True)) == [
        "One address gets no mail any more.",
        "One address gets mail again.",
    ]
    assert Participant.objects.count() == 1
