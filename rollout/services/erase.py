"""Erases a person from every room, in one transaction. What is counted stays, without a face.

Copies outside of the database are not its business: backups and files that somebody downloaded.
"""

import re
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cohorts.models import Participant
from cohorts.services.erasing import Identity, erase_row
from common.doorbell import ring
from communications.services.erasing import forget_recipient
from projects.models import Event, Project
from projects.services import events
from surveys.services.erasing import forget_texts

if TYPE_CHECKING:
    from accounts.models import User

MEASURE = "projects.tasks.measure_project_goals"


@transaction.atomic
def erase_participant(*, participant: Participant, acting_user: "User") -> Participant:
    """Nothing in the database says afterwards who this was. Cannot be undone.

    Also in closed projects. Raises CohortError while a file of people is being read, OutboxRefused
    while a mail to them is on its way, StaleState for somebody who is erased.
    """
    # One at a time: each writes rules and records anew in which several people may be named.
    project = Project.objects.select_for_update(no_key=True).get(pk=participant.project_id)
    address = participant.address
    identity = erase_row(participant=participant)
    participant.project = project
    forget_recipient(participant=participant, address=address)
    forget_texts(participant=participant)
    _forget_in_record(project.pk, identity)
    events.record(
        project=project,
        verb="participant.erased",
        sentence=_("One person was erased."),
        acting_user=acting_user,
        subject=participant,
    )
    ring(MEASURE, project.pk)
    return participant


def _forget_in_record(project: int, identity: Identity) -> None:
    """The record names nobody by itself; but a rule or a note may have, in somebody's words."""
    # A name of one word may be part of any sentence.
    texts = set(identity.addresses) | ({identity.name} if " " in identity.name else set())
    named = Q()
    for text in texts:
        named |= Q(sentence__icontains=text) | Q(data__icontains=text)
    pattern = re.compile(
        "|".join(map(re.escape, sorted(texts, key=len, reverse=True))), re.IGNORECASE
    )
    for event in Event.objects.filter(named, project=project).iterator():
        sentence = pattern.sub(_("erased person"), event.sentence)[:500]
        data = _without(event.data, pattern)
        Event.objects.filter(pk=event.pk).update(sentence=sentence, data=data)


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    """The same JSON without the person."""
    if isinstance(value, str):
        return pattern.sub(_("erased person"), value)
    if isinstance(value, list):
        return [_without(one, pattern) for one in value]
    if isinstance(value, dict):
        return {key: _without(one, pattern) for key, one in value.items()}
    return value
