"""Whose mail a preview shows: people at whom a text usually breaks. One query each."""

from datetime import datetime

from django.db.models import Q, TextChoices
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from cohorts.models import Participant
from communications.audiences import Recipient
from communications.languages import base
from communications.models import Occurrence
from communications.queries.audience import people_of, recipient
from communications.queries.texts import own_language


class Sample(TextChoices):
    FIRST = "first", _("the first by name")
    LONGEST = "longest", _("the longest name")
    MISSING = "missing", _("somebody of whom little is known")
    LANGUAGE = "language", _("somebody with another language")
    LATE = "late", _("somebody who joins late")


def sample_of(occurrence: Occurrence, at: datetime, sample: str) -> Recipient | None:
    """One of those ``occurrence`` is for, None where there is none.

    Of stakeholders nothing but the name is known, and where nobody fits the first by name is taken.
    """
    people = people_of(occurrence, at)
    name = "display_name" if people.model is Participant else "name"
    found = None
    if sample == Sample.LONGEST:
        found = people.order_by(Length(name).desc(), "pk").first()
    elif sample == Sample.MISSING and people.model is Participant:
        known = ~Q(department="") & ~Q(country="") & ~Q(office="")
        found = people.exclude(known).order_by(Length(name), "pk").first()
    elif sample == Sample.LANGUAGE and people.model is Participant:
        ours = base(own_language(occurrence.message))
        others = people.exclude(language="").exclude(language__istartswith=ours)
        found = others.order_by(name, "pk").first()
    person = found or people.order_by(name, "pk").first()
    return recipient(person) if person is not None else None


def reader_of(occurrence: Occurrence, at: datetime, language: str) -> Recipient | None:
    """The first by name who reads ``language`` (a tag) or one like it, None where nobody does."""
    people = people_of(occurrence, at)
    if people.model is not Participant:
        return None
    found = people.filter(language__istartswith=base(language)).order_by("display_name", "pk")
    person = found.first()
    return recipient(person) if person is not None else None
