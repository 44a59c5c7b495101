"""What the roster and the cohorts say about one person."""

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cohorts.models import Membership, Participant
from cohorts.roster.columns import EXPORT_NAMES


def memberships_of(participant: Participant) -> "QuerySet[Membership]":
    """A person's cohorts, the pilot first."""
    rows = participant.memberships.select_related("cohort", "deferred_from")
    return rows.order_by("cohort__position", "pk")


def facts_of(participant: Participant) -> tuple[tuple[str, str], ...]:
    """(what, value) of every fact the roster gave, further columns last; no query."""
    words = {field.name: field.verbose_name for field in Participant._meta.concrete_fields}
    names = [name for name in EXPORT_NAMES if name != "display_name"]
    facts = [(str(capfirst(words[name])), str(getattr(participant, name))) for name in names]
    further = [
        (_("%(column)s (further column)") % {"column": name}, str(value))
        for name, value in sorted(participant.attributes.items())
    ]
    return tuple((what, value) for what, value in (*facts, *further) if value)
