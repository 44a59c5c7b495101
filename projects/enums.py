"""Lifecycles and fixed choices of a project, each with its transition table beside it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ProjectStatus(TextChoices):
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    CLOSED = "closed", _("closed")


PROJECT_TRANSITIONS = {
    ProjectStatus.ACTIVE: {ProjectStatus.PAUSED, ProjectStatus.CLOSED},
    ProjectStatus.PAUSED: {ProjectStatus.ACTIVE, ProjectStatus.CLOSED},
    ProjectStatus.CLOSED: {ProjectStatus.ACTIVE},
}


class StepStatus(TextChoices):
    TODO = "todo", _("to do")
    ACTIVE = "active", _("in progress")
    BLOCKED = "blocked", _("blocked")
    DONE = "done", _("done")
    SKIPPED = "skipped", _("not needed")


STEP_TRANSITIONS = {
    StepStatus.TODO: {
        StepStatus.ACTIVE,
        StepStatus.BLOCKED,
        StepStatus.DONE,
        StepStatus.SKIPPED,
    },
    StepStatus.ACTIVE: {
        StepStatus.TODO,
        StepStatus.BLOCKED,
        StepStatus.DONE,
        StepStatus.SKIPPED,
    },
    StepStatus.BLOCKED: {StepStatus.TODO, StepStatus.ACTIVE, StepStatus.SKIPPED},
    StepStatus.DONE: {StepStatus.ACTIVE},
    StepStatus.SKIPPED: {StepStatus.TODO},
}
# What usually comes next, for the one-click move.
STEP_NEXT = {
    StepStatus.TODO: StepStatus.ACTIVE,
    StepStatus.ACTIVE: StepStatus.DONE,
    StepStatus.BLOCKED: StepStatus.ACTIVE,
}
STEP_CLOSED = (StepStatus.DONE, StepStatus.SKIPPED)


class AccessRole(TextChoices):
    """What a stakeholder may do in the project. NONE is a person without an account here."""

    MANAGER = "manager", _("manager")
    CONTRIBUTOR = "contributor", _("contributor")
    VIEWER = "viewer", _("viewer")
    NONE = "none", _("no access")


class Operator(TextChoices):
    AT_LEAST = ">=", _("at least")
    MORE = ">", _("more than")
    AT_MOST = "<=", _("at most")
    LESS = "<", _("less than")
    EQUAL = "==", _("exactly")


class GoalStatus(TextChoices):
    """Computed from the latest measurement, never stored."""

    ON_TARGET = "on_target", _("on target")
    UNDER_WAY = "under_way", _("under way")
    CLOSE = "close", _("close")
    OFF_TRACK = "off_track", _("off track")
    NO_DATA = "no_data", _("no figure yet")


class Level(TextChoices):
    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")


class RiskStatus(TextChoices):
    OPEN = "open", _("open")
    MITIGATED = "mitigated", _("mitigated")
    HAPPENED = "happened", _("happened")
    CLOSED = "closed", _("closed")


RISK_TRANSITIONS = {
    RiskStatus.OPEN: {RiskStatus.MITIGATED, RiskStatus.HAPPENED, RiskStatus.CLOSED},
    RiskStatus.MITIGATED: {RiskStatus.OPEN, RiskStatus.HAPPENED, RiskStatus.CLOSED},
    RiskStatus.HAPPENED: {RiskStatus.OPEN, RiskStatus.MITIGATED, RiskStatus.CLOSED},
    RiskStatus.CLOSED: {RiskStatus.OPEN},
}


class GateChoice(TextChoices):
    """What a person decides at a gate; a waiver opens it for a while although criteria fail."""

    GO = "go", _("go")
    NO_GO = "no_go", _("no-go")
    WAIVER = "waiver", _("waiver")


class GateState(TextChoices):
    """Computed from the last decision and the criteria, never stored."""

    OPEN = "open", _("open")
    WAIVED = "waived", _("open by a waiver")
    CLOSED = "closed", _("closed")


class CriterionState(TextChoices):
    """Computed from the figure or the confirmation, never stored; only HOLDS is good enough."""

    HOLDS = "holds", _("holds")
    FAILS = "fails", _("does not hold")
    UNKNOWN = "unknown", _("no figure yet")
    UNCONFIRMED = "unconfirmed", _("to be confirmed")
