"""Remembers what a project takes the columns of its rosters as."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import RosterMapping
from projects.models import Project
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def remember_columns(
    *, project: Project, columns: Mapping[str, str], acting_user: "User | None"
) -> RosterMapping:
    """Take columns of these (folded) names like this from now on; others stay as they were."""
    require_open(project)
    mapping, _is_new = RosterMapping.objects.select_for_update().get_or_create(project=project)
    wanted = {**mapping.columns, **columns}
    if wanted != mapping.columns:
        mapping.columns = wanted
        mapping.save(update_fields=["columns"])
        events.record(
            project=project,
            verb="people.columns_matched",
            sentence=_("What the columns of imported files are taken as was changed."),
            acting_user=acting_user,
        )
    return mapping
