"""Whoever is missing in the file of a whole organisation gets no more mail; coming back replays
nothing that was sent."""

import io

from cohorts.models import Membership
from cohorts.services.roster import import_people
from cohorts.services.undo import undo_import
from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery
from tests.factories.cohorts import CohortFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory

EVERYBODY = "upn,name\na@x.org,Anna\nb@x.org,Bert\n"


def load(project, text: str, **options) -> None:
    import_people(
        project=project,
        stream=io.BytesIO(text.encode()),
        is_strict=False,
        is_dry_run=False,
        acting_user=None,
        **{"cohort": None, "is_whole": True, "leavers_agreed": 1} | options,
    )


def states() -> list[tuple[str, str, str]]:
    rows = Delivery.objects.order_by("occurrence", "participant__key")
    return list(rows.values_list("occurrence__anchor_key", "participant__key", "state"))


def test_a_leaver_by_file_and_back(project):
    wave = CohortFactory(project=project)
    load(project, EVERYBODY, cohort=wave)
    for key, state in (("first", DeliveryState.SENT), ("second", DeliveryState.QUEUED)):
        occurrence = OccurrenceFactory(
            message__project=project,
            project=project,
            cohort=wave,
            anchor_key=key,
            state=OccurrenceState.SENDING,
        )
        for row in Membership.objects.filter(cohort=wave):
            DeliveryFactory(occurrence=occurrence, participant=row.participant, state=state)
    load(project, "upn,name\na@x.org,Anna\n")
    gone = [
        ("first", "a@x.org", "sent"),
        ("first", "b@x.org", "sent"),
        ("second", "a@x.org", "queued"),
        ("second", "b@x.org", "skipped"),
    ]
    assert states() == gone
    undo_import(project=project, made=project.roster_import, acting_user=None)
    load(project, EVERYBODY)
    assert states() == gone
