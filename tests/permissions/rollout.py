"""Home and what spans rooms."""

from typing import Any

from projects.models import Project
from tests.factories.cohorts import CohortFactory, ParticipantFactory
from tests.permissions.rows import (
    DONE_BY_MANAGERS,
    FORM_OF_MANAGERS,
    PAGE_FOR_ALL_MEMBERS,
    PAGE_FOR_MANAGERS,
    Row,
    nothing,
)


def of_any_cohort(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "pk": CohortFactory(project=project).pk}


def of_any_person(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "pk": ParticipantFactory(project=project).pk}


ACROSS_ROOMS = {
    "rollout:rehearsal": Row(GET=PAGE_FOR_MANAGERS),
    # Everybody sees their own projects; who has none sees how to begin.
    "dashboards:home": Row(arguments=nothing, GET="302  200  200  200  200  200"),
    "dashboards:cohort_board": Row(arguments=nothing, GET="302  200  200  200  200  200"),
    "dashboards:cohort_board_export": Row(
        arguments=lambda project: {"kind": "csv"}, GET="302  200  200  200  200  200"
    ),
    "dashboards:project_board": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "dashboards:project_board_export": Row(
        arguments=lambda project: {"slug": project.slug, "kind": "xlsx"}, GET=PAGE_FOR_ALL_MEMBERS
    ),
    "dashboards:project_home": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "dashboards:timeline": Row(GET=PAGE_FOR_ALL_MEMBERS),
    # Whoever has an account may make a project and is its manager then.
    "rollout:project_create": Row(
        arguments=nothing,
        GET="302  200  200  200  200  200",
        POST="302  422  422  422  422  422",
    ),
    "rollout:cohort_detail": Row(arguments=of_any_cohort, GET=PAGE_FOR_ALL_MEMBERS),
    "rollout:cohort_gate": Row(arguments=of_any_cohort, POST=DONE_BY_MANAGERS),
    "rollout:cohort_switch": Row(arguments=of_any_cohort, POST=DONE_BY_MANAGERS),
    "rollout:person_detail": Row(arguments=of_any_person, GET=PAGE_FOR_ALL_MEMBERS),
    "rollout:person_change": Row(
        arguments=of_any_person, POST=DONE_BY_MANAGERS, data=lambda project: {"what": "glove_on"}
    ),
    "rollout:person_silence": Row(
        arguments=of_any_person, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "rollout:person_erase": Row(
        arguments=of_any_person, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS
    ),
    "rollout:cohort_reschedule": Row(
        arguments=of_any_cohort, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "rollout:wave_add": Row(GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "rollout:wave_split": Row(
        arguments=of_any_cohort, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "rollout:wave_merge": Row(
        arguments=of_any_cohort, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "rollout:project_resume": Row(GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "rollout:wave_cancel": Row(
        arguments=of_any_cohort, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    # There is nothing to take back yet.
    "rollout:cohort_reschedule_undo": Row(
        arguments=of_any_cohort, POST="302  404  403  403  409  409"
    ),
}
