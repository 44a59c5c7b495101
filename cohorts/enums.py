"""Lifecycles of cohorts, their people and their modes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CohortKind(TextChoices):
    PILOT = "pilot", _("pilot")
    WAVE = "wave", _("wave")


class CohortStatus(TextChoices):
    PLANNED = "planned", _("planned")
    SWITCHED = "switched", _("switched")
    FINISHED = "finished", _("finished")
    CANCELLED = "cancelled", _("cancelled")


COHORT_TRANSITIONS: dict[str, set[str]] = {
    CohortStatus.PLANNED: {CohortStatus.SWITCHED, CohortStatus.CANCELLED},
    CohortStatus.SWITCHED: {CohortStatus.FINISHED, CohortStatus.PLANNED},
    CohortStatus.FINISHED: {CohortStatus.SWITCHED},
    CohortStatus.CANCELLED: {CohortStatus.PLANNED},
}


class ParticipantStatus(TextChoices):
    """``erased``: the row stays for the counts, nothing of it says who it was."""

    ACTIVE = "active", _("active")
    LEFT = "left", _("left")
    ERASED = "erased", _("erased")


PARTICIPANT_TRANSITIONS: dict[str, set[str]] = {
    ParticipantStatus.ACTIVE: {ParticipantStatus.LEFT, ParticipantStatus.ERASED},
    ParticipantStatus.LEFT: {ParticipantStatus.ACTIVE, ParticipantStatus.ERASED},
    ParticipantStatus.ERASED: set(),
}


class UploadStatus(TextChoices):
    """``columns``: waits for somebody to say what its columns are."""

    COLUMNS = "columns", _("columns to match")
    READING = "reading", _("being read")
    PREVIEWED = "previewed", _("to be confirmed")
    IMPORTING = "importing", _("being imported")
    DONE = "done", _("imported")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


# An import whose preview does not fit any more goes back to be looked at.
UPLOAD_TRANSITIONS: dict[str, set[str]] = {
    UploadStatus.COLUMNS: {UploadStatus.READING},
    UploadStatus.READING: {
        UploadStatus.PREVIEWED,
        UploadStatus.CANCELLED,
        UploadStatus.FAILED,
    },
    UploadStatus.PREVIEWED: {UploadStatus.READING, UploadStatus.IMPORTING},
    UploadStatus.IMPORTING: {
        UploadStatus.READING,
        UploadStatus.DONE,
        UploadStatus.CANCELLED,
        UploadStatus.FAILED,
    },
    UploadStatus.DONE: set(),
    UploadStatus.CANCELLED: {UploadStatus.READING},
    UploadStatus.FAILED: {UploadStatus.READING},
}


class RuleField(TextChoices):
    """What a rule looks at, and what it can keep together."""

    EVERYBODY = "everybody", _("everybody")
    DEPARTMENT = "department", _("department")
    COUNTRY = "country", _("country")
    OFFICE = "office", _("office")
    MANAGER = "manager", _("manager")
    ATTRIBUTE = "attribute", _("further column")


class Placement(TextChoices):
    """How a person came into a cohort."""

    HAND = "hand", _("by hand")
    FILE = "file", _("by a file")
    RULE = "rule", _("by a rule")
    CHOICE = "choice", _("own choice")
    DEFERRAL = "deferral", _("a deferral")
    SPLIT = "split", _("a split")
    MERGE = "merge", _("a merge")


class DeferralStatus(TextChoices):
    ASKED = "asked", _("asked for")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


DEFERRAL_TRANSITIONS: dict[str, set[str]] = {
    DeferralStatus.ASKED: {
        DeferralStatus.APPROVED,
        DeferralStatus.REFUSED,
        DeferralStatus.WITHDRAWN,
    },
    DeferralStatus.APPROVED: set(),
    DeferralStatus.REFUSED: set(),
    DeferralStatus.WITHDRAWN: set(),
}


class ProblemStatus(TextChoices):
    OPEN = "open", _("open")
    SOLVED = "solved", _("solved")


PROBLEM_TRANSITIONS: dict[str, set[str]] = {
    ProblemStatus.OPEN: {ProblemStatus.SOLVED},
    ProblemStatus.SOLVED: {ProblemStatus.OPEN},
}


class ModeState(TextChoices):
    """How far a person's change of mode with one cohort is."""

    WAITING = "waiting", _("waiting")
    GRANTED = "granted", _("granted")
    VERIFIED = "verified", _("verified")
    DRIFT = "drift", _("drift")
    FAILED = "failed", _("failed")
    NOT_APPLICABLE = "not_applicable", _("not applicable")


# A report shows what is so, whatever was before; only a failed grant says nothing about people who
# were seen in their mode, and only a person puts drift back into the queue.
MODE_TRANSITIONS: dict[str, set[str]] = {
    ModeState.WAITING: {*ModeState} - {ModeState.WAITING},
    ModeState.GRANTED: {*ModeState} - {ModeState.GRANTED},
    ModeState.VERIFIED: {*ModeState} - {ModeState.VERIFIED, ModeState.FAILED},
    ModeState.DRIFT: {*ModeState} - {ModeState.DRIFT},
    ModeState.FAILED: {*ModeState} - {ModeState.FAILED},
    ModeState.NOT_APPLICABLE: {*ModeState} - {ModeState.NOT_APPLICABLE, ModeState.FAILED},
}


class ModeRecordKind(TextChoices):
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("grant refused")
    OBSERVED = "observed", _("observed")
    MEETINGS = "meetings", _("meetings converted")


class ModeSource(TextChoices):
    """Where a line of a person's history of modes comes from."""

    SCRIPT = "script", _("somebody said that the script has run")
    RESULTS = "results", _("results of a script")
    EXPORT = "export", _("export of modes")
    MEETINGS = "meetings", _("state of meetings")
