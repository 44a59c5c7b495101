"""Who is upgraded, and with whom. A participant belongs to one project."""

from cohorts.models.cohort import Cohort, CohortRule
from cohorts.models.counts import CohortCount, HourCount, PairCount, SeenCount
from cohorts.models.modes import ModeRecord
from cohorts.models.participant import Membership, Participant, ParticipantQuerySet
from cohorts.models.people import Deferral, Problem
from cohorts.models.roster import (
    RosterBefore,
    RosterImport,
    RosterMapping,
    RosterPart,
    RosterUpload,
)

__all__ = [
    "Cohort",
    "CohortCount",
    "CohortRule",
    "Deferral",
    "HourCount",
    "Membership",
    "ModeRecord",
    "PairCount",
    "Participant",
    "ParticipantQuerySet",
    "Problem",
    "RosterBefore",
    "RosterImport",
    "RosterMapping",
    "RosterPart",
    "RosterUpload",
    "SeenCount",
]
