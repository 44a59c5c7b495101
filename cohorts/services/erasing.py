"""Forgets who somebody was. The row, its places and its modes stay, for they are counted.

What other rooms keep about the person is theirs to forget; ``rollout.services.erase`` tells it all.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F, Func, Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cohorts.enums import PARTICIPANT_TRANSITIONS, ParticipantStatus, UploadStatus
from cohorts.exceptions import CohortError
from cohorts.models import (
    CohortRule,
    Deferral,
    Membership,
    Participant,
    Problem,
    RosterBefore,
    RosterImport,
    RosterUpload,
)
from common.state import change_status
from projects.services.guards import lock_row

BUSY = (UploadStatus.READING, UploadStatus.IMPORTING)
KEPT = frozenset(
    ("id", "public_id", "project", "key", "display_name", "status", "left_at", "created_at")
)
# Columns of others that name the person as theirs, such as an assistant's address.
_OTHERS = """
UPDATE cohorts_participant SET attributes = (
    SELECT coalesce(jsonb_object_agg(key, value), '{}'::jsonb) FROM jsonb_each(attributes)
    WHERE lower(value #>> '{}') <> ALL(%(texts)s)
)
WHERE project_id = %(project)s AND attributes <> '{}'::jsonb
  AND EXISTS (SELECT FROM jsonb_each_text(attributes) WHERE lower(value) = ANY(%(texts)s))
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """Every text by which the person is known, in lower case. ``addresses`` name nobody else."""

    addresses: frozenset[str]
    name: str
    is_name_theirs: bool

    @classmethod
    def of(cls, person: Participant) -> "Identity":
        """``is_name_theirs``: nobody else in the project has this name."""
        given = (person.upn, person.mail, person.sip_address, person.object_id, person.key)
        plain = {text.removeprefix("sip:") for text in map(str.lower, given)}
        others = Participant.objects.filter(
            project=person.project_id, display_name=person.display_name
        ).exclude(pk=person.pk)
        texts = frozenset(text for text in {*plain, *map(str.lower, given)} if text)
        return cls(texts, person.display_name.lower(), not others.exists())

    @property
    def texts(self) -> list[str]:
        """What stands alone in a column and means this person."""
        return sorted(self.addresses | ({self.name} if self.is_name_theirs else set()))


@transaction.atomic
def erase_row(*, participant: Participant) -> Identity:
    """Leave nothing of the person in this room; who it was, so that other rooms can forget too.

    Mails that wait are taken back by the database, personal links open nothing any more. The last
    import cannot be undone any more, and files that wait for their import are dropped: both hold
    the person. Raises CohortError while a file is being read, StaleState for somebody erased.
    """
    person = lock_row(participant)
    uploads = RosterUpload.objects.filter(project=person.project_id)
    if uploads.filter(status__in=BUSY).exists():
        raise CohortError(_("A file of people is being read. Erase this person when it is done."))
    identity = Identity.of(person)
    change_status(
        person,
        ParticipantStatus.ERASED,
        transitions=PARTICIPANT_TRANSITIONS,
        left_at=person.left_at or now(),
        key=f"erased:{person.pk}",
        display_name=_("Erased person"),
        # Whoever kept the old one can tie nothing to it.
        public_id=uuid4(),
        **_empty(),
    )
    Participant.objects.filter(pk=person.pk).update(link_generation=F("link_generation") + 1)
    uploads.delete()
    RosterBefore.objects.filter(roster_import__project=person.project_id).delete()
    RosterImport.objects.filter(project=person.project_id).delete()
    Deferral.objects.filter(participant=person).update(reason="", note="")
    Problem.objects.filter(participant=person).update(text="", note="")
    _forget_mentions(person.project_id, identity)
    participant.refresh_from_db()
    return identity


def _empty() -> dict[str, Any]:
    """Every column about the person, without what it says; a new one is forgotten as well."""
    values: dict[str, Any] = {}
    for column in Participant._meta.concrete_fields:
        if column.name in KEPT or column.name == "link_generation":
            continue
        if column.name == "attributes":
            values[column.name] = {}
        elif column.name == "is_white_glove":
            values[column.name] = False
        else:
            values[column.name] = None if column.null else ""
    return values


def _forget_mentions(project: int, identity: Identity) -> None:
    """Where the people of the project, and the rules about them, name this person."""
    texts = identity.texts
    lower = Func(F("manager"), function="lower")
    people = Participant.objects.filter(project=project).exclude(manager="")
    people.alias(theirs=lower).filter(theirs__in=texts).update(manager="")
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, {"project": project, "texts": texts})
    rules = CohortRule.objects.filter(project=project).order_by("pk")
    for rule in rules.select_for_update():
        left = [value for value in rule.values if value.lower() not in texts]
        if left != rule.values:
            # Without values a rule might mean everybody.
            rule.values, rule.is_on = left, rule.is_on and bool(left)
            rule.save(update_fields=["values", "is_on"])
    named = Q()
    for text in texts:
        named |= Q(placement_note__icontains=text)
    Membership.objects.filter(named, cohort__project=project).update(placement_note="")
