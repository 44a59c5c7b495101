"""After erasing somebody no text in the database says who it was; what is counted still counts."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils.timezone import now

from cohorts.enums import ModeRecordKind, ModeSource, ParticipantStatus, RuleField
from cohorts.exceptions import CohortError
from cohorts.models import (
    CohortRule,
    Deferral,
    Membership,
    ModeRecord,
    Participant,
    Problem,
    RosterImport,
    RosterUpload,
)
from cohorts.services.roster import import_people
from common.exceptions import StaleState
from communications.enums import DeliveryState
from communications.exceptions import OutboxRefused
from communications.models import Bounce, Delivery, SendingRules, Suppression, Unsubscription
from communications.queries.reach import funnel
from communications.services.pipeline.decide import load_rules
from communications.services.suppressions import release, suppress
from projects.models import Event
from projects.services import events
from rollout.services.erase import erase_participant
from surveys.models import Invitation, Response
from tests.factories.cohorts import CohortFactory, ParticipantFactory, RosterUploadFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory
from tests.factories.surveys import ANSWERS, SurveyFactory, add_questions

NAME, UPN, MAIL = "Zelda Quixote", "Zelda.Quixote@corp.example", "zq@mail.example"
OBJECT_ID = "7d3b1e2c-0000-4444-8888-abcdefabcdef"
ROSTER = f"""upn,mail,display_name,object_id,sip,department,office,country,manager,costCenter
{UPN},{MAIL},{NAME},{OBJECT_ID},sip:{UPN},Sales,Oslo,Norway,boss@corp.example,4711
boss@corp.example,,Big Boss,,,Sales,Oslo,Norway,,1
mate@corp.example,,Team Mate,,,Sales,Oslo,Norway,{UPN.upper()},{MAIL}
"""
# Each stands alone in some column; a new column is found as well.
TRACES = (NAME, "Zelda", "Quixote", MAIL, OBJECT_ID, "zq@")


def traces() -> list[str]:
    """Every table and text in which something of the person is left."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            for text in TRACES:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" AS t WHERE t::text ILIKE %s',  # noqa: S608
                    [f"%{text}%"],
                )
                if cursor.fetchone()[0]:
                    found.append(f"{table}: {text}")
    return sorted(found)


def imported(project, text: str, **more) -> None:
    import_people(
        project=project,
        stream=io.BytesIO(text.encode()),
        is_strict=False,
        is_dry_run=False,
        acting_user=project.created_by,
        **{"cohort": None, **more},
    )


@pytest.fixture
def wave(project):
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def zelda(project, wave):
    """Somebody who left traces wherever there can be any."""
    imported(project, ROSTER, cohort=wave)
    imported(project, ROSTER.replace("Oslo", "Bergen"), cohort=wave)
    RosterUploadFactory(project=project)
    person = Participant.objects.get(display_name=NAME)
    CohortRule.objects.create(
        project=project, cohort=wave, position=0, field=RuleField.MANAGER, values=[UPN]
    )
    Membership.objects.filter(participant__display_name="Team Mate").update(
        placement_note=f"Rule 1: manager is {UPN}"
    )
    events.record(
        project=project,
        verb="rule.added",
        sentence=f"Rule for {NAME} and {UPN}",
        acting_user=None,
        data={"values": [UPN, {"name": NAME}]},
    )
    Deferral.objects.create(
        participant=person, from_cohort=wave, reason=f"{NAME} is away", note=f"Ask {NAME}"
    )
    Problem.objects.create(participant=person, text=f"{NAME} has no licence", note=NAME)
    ModeRecord.objects.create(
        participant=person, kind=ModeRecordKind.OBSERVED, source=ModeSource.EXPORT, at=now()
    )
    return person


@pytest.fixture
def told(zelda, wave):
    """Mails in every state but on its way, one of them bounced."""
    occurrence = OccurrenceFactory(message__project=zelda.project, cohort=wave)
    sent = DeliveryFactory(
        participant=zelda,
        occurrence=occurrence,
        state="sent",
        sent_at=now(),
        address=MAIL,
        smtp_text=f"250 {MAIL} ok",
        reason=f"for {NAME}",
    )
    Bounce.objects.create(delivery=sent, address_key=MAIL, kind="hard", text=f"550 {MAIL} unknown")
    later = OccurrenceFactory(message__project=zelda.project, cohort=wave)
    waiting = DeliveryFactory(participant=zelda, occurrence=later, state="claimed", address=MAIL)
    return sent, waiting


@pytest.fixture
def answered(zelda, wave):
    survey = add_questions(SurveyFactory(cohort=wave, project=zelda.project))
    texts = [q.key for q in survey.questions.all() if q.kind == "text"]
    invitation = Invitation.objects.create(
        survey=survey, participant=zelda, draft={texts[0]: NAME}, answered_at=now()
    )
    answers = {**ANSWERS, texts[0]: f"I am {NAME}"}
    return Response.objects.create(
        survey=survey, invitation=invitation, answers=answers, submitted_at=now()
    )


def test_nothing_in_the_database_says_who_it_was(zelda, told, answered, manager, wave):
    suppress(address=MAIL, reason=f"{NAME} asked", acting_user=manager, project=zelda.project)
    Unsubscription.objects.create(address_key=MAIL)
    staging = ["@corp.example", MAIL.upper()]
    SendingRules.objects.update_or_create(project=zelda.project, defaults={"staging_list": staging})
    before = traces()
    assert {trace.split(":")[0] for trace in before} >= {
        "communications_sendingrules",
        "communications_unsubscription",
        "cohorts_participant",
        "cohorts_membership",
        "cohorts_cohortrule",
        "cohorts_deferral",
        "cohorts_problem",
        "cohorts_rosterbefore",
        "communications_bounce",
        "communications_delivery",
        "communications_suppression",
        "projects_event",
        "surveys_invitation",
        "surveys_response",
    }
    generation, public_id = zelda.link_generation, zelda.public_id
    erase_participant(participant=zelda, acting_user=manager)
    assert traces() == []
    zelda.refresh_from_db()
    assert (zelda.status, zelda.link_generation, zelda.public_id == public_id) == (
        ParticipantStatus.ERASED,
        generation + 1,
        False,
    )


def test_what_is_counted_still_counts(zelda, told, answered, manager, wave):
    erase_participant(participant=zelda, acting_user=manager)
    sent, waiting = told
    assert dict(Delivery.objects.values_list("pk", "state")) == {
        sent.pk: DeliveryState.SENT,
        waiting.pk: DeliveryState.SKIPPED,
    }
    kept = Response.objects.get(pk=answered.pk)
    texts = set(answered.answers) - set(kept.answers)
    assert len(texts) == 1
    assert kept.answers == {k: v for k, v in answered.answers.items() if k not in texts}
    assert Membership.objects.filter(participant=zelda, cohort=wave).count() == 1
    assert zelda.mode_records.count() == 1
    mate = Participant.objects.get(display_name="Team Mate")
    assert (mate.manager, mate.attributes, mate.department) == ("", {}, "Sales")
    assert CohortRule.objects.values_list("values", "is_on").get() == ([], False)
    assert RosterUpload.objects.count() == 0
    assert zelda.project.events.latest("pk").verb == "participant.erased"


def test_an_erased_address_is_still_left_in_peace(zelda, manager, wave):
    occurrence = OccurrenceFactory(message__project=zelda.project, cohort=wave)
    suppress(address=MAIL, reason="asked", acting_user=manager)
    erase_participant(participant=zelda, acting_user=manager)
    assert funnel(occurrence, now()).do_not_contact == 0
    imported(zelda.project, ROSTER, cohort=wave)
    assert funnel(occurrence, now()).do_not_contact == 1
    assert load_rules([MAIL], [], now()).suppressed == {MAIL: ""}
    assert release(address=MAIL.upper(), acting_user=manager) is not None
    assert funnel(occurrence, now()).do_not_contact == 0


def test_a_suppression_that_others_need_stays_readable(zelda, manager):
    ParticipantFactory(mail=MAIL)
    suppress(address=MAIL, reason="asked", acting_user=manager)
    erase_participant(participant=zelda, acting_user=manager)
    assert Suppression.objects.get().address_key == MAIL


def test_erasing_waits_for_a_mail_on_its_way_and_for_a_file(zelda, told, manager, project):
    Delivery.objects.filter(pk=told[1].pk).update(state=DeliveryState.SENDING)
    with pytest.raises(OutboxRefused, match="just being sent"):
        erase_participant(participant=zelda, acting_user=manager)
    Delivery.objects.filter(pk=told[1].pk).update(state=DeliveryState.SENT)
    RosterUpload.objects.update(status="importing")
    with pytest.raises(CohortError, match="is being read"):
        erase_participant(participant=zelda, acting_user=manager)
    zelda.refresh_from_db()
    assert (zelda.display_name, zelda.status) == (NAME, ParticipantStatus.ACTIVE)
    RosterUpload.objects.update(status="previewed")
    erase_participant(participant=zelda, acting_user=manager)
    with pytest.raises(StaleState):
        erase_participant(participant=zelda, acting_user=manager)


def test_the_page_asks_first_and_shows_an_erased_person_afterwards(zelda, manager, as_user):
    client, arguments = as_user(manager), [zelda.project.slug, zelda.pk]
    address = reverse("rollout:person_erase", args=arguments)
    assert NAME in client.get(address).content.decode()
    zelda.refresh_from_db()
    assert zelda.status == ParticipantStatus.ACTIVE
    assert client.post(address).status_code == 302
    shown = client.get(reverse("rollout:person_detail", args=arguments)).content.decode()
    assert ("This person was erased" in shown, NAME in shown) == (True, False)
    assert client.post(address).status_code == 409
    change = reverse("rollout:person_change", args=arguments)
    assert client.post(change, {"what": "glove_on"}).status_code == 422
    assert client.post(change, {"what": "back"}).status_code in (409, 422)
    people = reverse("cohorts:people_list", args=[zelda.project.slug])
    assert "Erased person" not in client.get(f"{people}?status=all").content.decode()
    assert now() - zelda.created_at < timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_neither_comes_back(zelda, manager):
    """The rule, the record and the list of who gets mail in staging name both of them."""
    other = "boris@corp.example"
    boris = ParticipantFactory(project=zelda.project, display_name="Boris", upn=other, mail="")
    CohortRule.objects.update(values=[UPN, other, "somebody else"])
    SendingRules.objects.create(project=zelda.project, staging_list=[MAIL, other])
    events.record(
        project=zelda.project, verb="rule.added", sentence=f"{UPN}, {other}", acting_user=None
    )
    for model in (RosterUpload, RosterImport):  # which two of an import wait for anyway
        model.objects.all().delete()

    def erase() -> None:
        erase_participant(participant=boris, acting_user=manager)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            erase_participant(participant=zelda, acting_user=manager)
            erasing = pool.submit(erase)
            with pytest.raises(TimeoutError):
                erasing.result(0.5)
        erasing.result(10)
    assert traces() == []
    assert CohortRule.objects.get().values == ["somebody else"]
    assert SendingRules.objects.get().staging_list == []
    assert not Event.objects.filter(sentence__icontains=other).exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_entered_meanwhile_stays(zelda, manager):
    """Somebody saves the rule and the list while a person in them is erased."""
    rules = SendingRules.objects.create(project=zelda.project, staging_list=[MAIL])

    def erase() -> None:
        erase_participant(participant=zelda, acting_user=manager)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            CohortRule.objects.update(values=[UPN, "new@corp.example"])
            SendingRules.objects.filter(pk=rules.pk).update(staging_list=[MAIL, "@new.example"])
            erasing = pool.submit(erase)
            with pytest.raises(TimeoutError):
                erasing.result(0.5)
        erasing.result(10)
    assert CohortRule.objects.get().values == ["new@corp.example"]
    assert SendingRules.objects.get().staging_list == ["@new.example"]
