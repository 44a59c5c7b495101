"""The plan of an upgrade: project, people who carry it, phases and steps, goals, risks, record."""

from projects.models.event import Event
from projects.models.gate import Gate, GateCriterion, GateDecision
from projects.models.goal import Goal, Measurement
from projects.models.plan import Evidence, FreezeWindow, Milestone, Phase, Step
from projects.models.project import Project, Stakeholder
from projects.models.readiness import ReadinessCheck
from projects.models.risk import Risk

__all__ = [
    "Event",
    "Evidence",
    "FreezeWindow",
    "Gate",
    "GateCriterion",
    "GateDecision",
    "Goal",
    "Measurement",
    "Milestone",
    "Phase",
    "Project",
    "ReadinessCheck",
    "Risk",
    "Stakeholder",
    "Step",
]
