"""People, cohorts and modes."""

from typing import Any

from django.utils.timezone import now

from cohorts.enums import CohortStatus, ModeState
from cohorts.planning import PlacementChoice, RuleDraft
from cohorts.services.placement import plan_drift, plan_placement
from cohorts.services.rules import add_rule
from playbooks.library import get_playbook
from projects.models import Project
from tests.factories.cohorts import (
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    RosterUploadFactory,
)
from tests.permissions.rows import (
    DONE_BY_MANAGERS,
    FORM_OF_MANAGERS,
    PAGE_FOR_ALL_MEMBERS,
    PAGE_FOR_MANAGERS,
    Row,
)


def of_cohort(project: Project) -> dict[str, Any]:
    cohort = CohortFactory(project=project, status=CohortStatus.SWITCHED)
    return {"slug": project.slug, "pk": cohort.pk}


def of_person(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "pk": ParticipantFactory(project=project).pk}


def of_upload(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "public_id": RosterUploadFactory(project=project).public_id}


def columns(project: Project) -> dict[str, Any]:
    return {"column_0": "upn"}


def one_person(project: Project) -> dict[str, Any]:
    cohort, person = CohortFactory(project=project), ParticipantFactory(project=project)
    return {"scope": "picked", "cohort": cohort.pk, "people": [person.pk]}


def one_to_mark(project: Project) -> dict[str, Any]:
    return {"mark": "left", "people": [ParticipantFactory(project=project).pk]}


def one_in_drift(project: Project) -> dict[str, Any]:
    row = MembershipFactory(cohort__project=project, mode_state=ModeState.DRIFT)
    return {"people": [row.participant_id]}


def of_scripts(project: Project) -> dict[str, Any]:
    project.playbook_snapshot = get_playbook("teams-upgrade").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    return {"slug": project.slug, "pk": MembershipFactory(cohort__project=project).cohort_id}


def of_exported(project: Project) -> dict[str, Any]:
    row = MembershipFactory(cohort__project=project, exported_at=now())
    return {"slug": project.slug, "pk": row.cohort_id}


def of_rule(project: Project) -> dict[str, Any]:
    cohort, draft = CohortFactory(project=project), RuleDraft(field="everybody")
    return {
        "slug": project.slug,
        "pk": add_rule(cohort=cohort, draft=draft, acting_user=None).pk,
    }


def of_planned(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "pk": CohortFactory(project=project).pk}


def of_frozen(project: Project) -> dict[str, Any]:
    cohort = CohortFactory(project=project, frozen_at=now())
    return {"slug": project.slug, "pk": cohort.pk}


def seen_drift(project: Project) -> dict[str, Any]:
    frozen = project.cohorts.get(frozen_at__isnull=False)
    return {"digest": plan_drift(cohort=frozen).plan.digest}


def seen_placement(project: Project) -> dict[str, Any]:
    return {"digest": plan_placement(project=project, choice=PlacementChoice()).digest}


COHORTS = {
    "cohorts:cohort_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:cohort_edit": Row(arguments=of_cohort, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "cohorts:cohort_finish": Row(arguments=of_cohort, POST=DONE_BY_MANAGERS),
    "cohorts:cohort_freeze": Row(arguments=of_planned, POST=DONE_BY_MANAGERS),
    "cohorts:cohort_drift": Row(
        arguments=of_frozen, GET=PAGE_FOR_ALL_MEMBERS, POST=DONE_BY_MANAGERS, data=seen_drift
    ),
    "cohorts:rule_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:rule_add": Row(GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "cohorts:rule_edit": Row(arguments=of_rule, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "cohorts:rule_change": Row(
        arguments=of_rule, POST=DONE_BY_MANAGERS, data=lambda project: {"what": "up"}
    ),
    "cohorts:rule_preview": Row(GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS, data=seen_placement),
    "cohorts:people_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:people_assign": Row(POST=DONE_BY_MANAGERS, data=one_person),
    "cohorts:people_export": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:people_workbook": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:people_mark": Row(POST=DONE_BY_MANAGERS, data=one_to_mark),
    "cohorts:people_sample": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:people_import": Row(GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "cohorts:people_preview": Row(arguments=of_upload, GET=PAGE_FOR_MANAGERS),
    "cohorts:people_confirm": Row(arguments=of_upload, POST=DONE_BY_MANAGERS),
    "cohorts:people_drop": Row(arguments=of_upload, POST=DONE_BY_MANAGERS),
    "cohorts:people_rejected": Row(arguments=of_upload, GET=PAGE_FOR_MANAGERS),
    "cohorts:people_rejected_workbook": Row(arguments=of_upload, GET=PAGE_FOR_MANAGERS),
    "cohorts:people_columns": Row(
        arguments=of_upload, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS, data=columns
    ),
    "cohorts:people_again": Row(arguments=of_upload, POST=DONE_BY_MANAGERS),
    "cohorts:people_undo": Row(GET=PAGE_FOR_MANAGERS, POST=PAGE_FOR_MANAGERS),
    "cohorts:drift_export": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:drift_workbook": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:modes_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:modes_verify": Row(GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "cohorts:modes_requeue": Row(POST=DONE_BY_MANAGERS, data=one_in_drift),
    "cohorts:modes_scripts": Row(arguments=of_cohort, GET=PAGE_FOR_MANAGERS),
    "cohorts:modes_download": Row(
        arguments=of_scripts, POST=PAGE_FOR_MANAGERS, data=lambda project: {"method": "batch"}
    ),
    "cohorts:modes_ran": Row(arguments=of_exported, POST=DONE_BY_MANAGERS),
}
