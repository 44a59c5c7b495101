"""Whether a project's copy of its playbook lets people go from one mode to another. No query."""

from django.utils.translation import gettext as _

from cohorts.journey import reachable
from projects.models import Project


def journey_fault(project: Project, start: str, end: str) -> str:
    """Why nobody can go from mode ``start`` to ``end`` in this project's playbook; else empty."""
    modes = project.playbook_snapshot.get("modes", ())
    after = {mode["key"]: mode.get("allowed_next", ()) for mode in modes}
    if start == end or not {start, end} <= set(after):
        return _("Choose two different modes of the playbook.")
    if end not in reachable(after, start):
        return _("No allowed way leads from this mode to the other. Choose another pair.")
    return ""
