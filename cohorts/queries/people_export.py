"""The people list as a table: who the filter means, in one statement and so in one snapshot."""

from collections.abc import Iterator

from django.db.models import BooleanField, ExpressionWrapper, FilteredRelation, Q

from cohorts.enums import CohortKind
from cohorts.queries.people import PeopleFilter, matching
from cohorts.roster.columns import EXPORT_NAMES
from projects.models import Project

KINDS = (CohortKind.PILOT, CohortKind.WAVE)
EXPORT_HEADER = (
    *EXPORT_NAMES.values(),
    *("pilot", "wave", "status"),
    *("pilotMode", "waveMode", "pilotTold", "waveTold", "whiteGlove", "championSince"),
)


def export_rows(project: Project, wanted: PeopleFilter) -> Iterator[tuple[object, ...]]:
    """Everybody ``wanted`` asks for, under EXPORT_HEADER, by name."""
    people = matching(project, wanted)
    for kind in KINDS:
        # Joined under a name of its own, because the filter may join the memberships as well.
        people = people.annotate(
            **{f"in_{kind}": FilteredRelation("memberships", condition=Q(memberships__kind=kind))}
        )
    cells = (
        *EXPORT_NAMES,
        *(f"in_{kind}__cohort__name" for kind in KINDS),
        "status",
        *(f"in_{kind}__mode_state" for kind in KINDS),
        *(f"in_{kind}__told_at" for kind in KINDS),
        "glove",
        "champion_since",
    )
    people = people.annotate(
        glove=ExpressionWrapper(Q(is_white_glove=True), output_field=BooleanField())
    )
    rows = people.order_by("display_name", "pk").values_list(*cells)
    yield from rows.iterator(chunk_size=2000)
