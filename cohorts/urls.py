"""Below /projects/<slug>/. A cohort's own page, cohorts/<pk>/, is rollout's."""

from django.urls import path

from cohorts.views import (
    cohorts,
    deferrals,
    drift_export,
    freezing,
    imports,
    modes,
    people,
    people_changes,
    previews,
    problems,
    rules,
)

app_name = "cohorts"
urlpatterns = [
    # cohorts
    path("cohorts/", cohorts.cohort_list, name="cohort_list"),
    path("cohorts/<int:pk>/edit/", cohorts.cohort_edit, name="cohort_edit"),
    path("cohorts/<int:pk>/finish/", cohorts.cohort_finish, name="cohort_finish"),
    path("cohorts/<int:pk>/freeze/", freezing.cohort_freeze, name="cohort_freeze"),
    path("cohorts/<int:pk>/drift/", freezing.cohort_drift, name="cohort_drift"),
    # cohorts/rules
    path("cohorts/rules/", rules.rule_list, name="rule_list"),
    path("cohorts/rules/add/", rules.rule_add, name="rule_add"),
    path("cohorts/rules/preview/", rules.rule_preview, name="rule_preview"),
    path("cohorts/rules/<int:pk>/", rules.rule_edit, name="rule_edit"),
    path("cohorts/rules/<int:pk>/change/", rules.rule_change, name="rule_change"),
    # cohorts/modes
    path("cohorts/<int:pk>/scripts/", modes.modes_scripts, name="modes_scripts"),
    path("cohorts/<int:pk>/scripts/download/", modes.modes_download, name="modes_download"),
    path("cohorts/<int:pk>/scripts/ran/", modes.modes_ran, name="modes_ran"),
    # people
    path("people/", people.people_list, name="people_list"),
    path("people/assign/", people_changes.people_assign, name="people_assign"),
    path("people/mark/", people_changes.people_mark, name="people_mark"),
    path("people/export.csv", people.people_export, name="people_export"),
    path("people/export.xlsx", people.people_export, {"kind": "xlsx"}, name="people_workbook"),
    path("people/sample.csv", imports.people_sample, name="people_sample"),
    # people/cases
    path("people/<int:pk>/problem/", problems.problem_add, name="problem_add"),
    path("people/<int:pk>/links/", problems.links_revoke, name="links_revoke"),
    path("deferrals/", deferrals.deferral_list, name="deferral_list"),
    path("problems/", problems.problem_list, name="problem_list"),
    path("problems/<int:pk>/", problems.problem_detail, name="problem_detail"),
    path("problems/<int:pk>/reopen/", problems.problem_reopen, name="problem_reopen"),
    path("problems/<int:pk>/weigh/", problems.problem_weigh, name="problem_weigh"),
    # people/modes
    path("people/modes/", modes.modes_list, name="modes_list"),
    path("people/modes/drift.csv", drift_export.drift_export, name="drift_export"),
    path(
        "people/modes/drift.xlsx",
        drift_export.drift_export,
        {"kind": "xlsx"},
        name="drift_workbook",
    ),
    path("people/modes/verify/", modes.modes_verify, name="modes_verify"),
    path("people/modes/requeue/", modes.modes_requeue, name="modes_requeue"),
    # people/import
    path("people/import/", imports.people_import, name="people_import"),
    path("people/import/undo/", imports.people_undo, name="people_undo"),
    path("people/import/<uuid:public_id>/", imports.people_preview, name="people_preview"),
    path("people/import/<uuid:public_id>/columns/", imports.people_columns, name="people_columns"),
    path("people/import/<uuid:public_id>/again/", imports.people_again, name="people_again"),
    path("people/import/<uuid:public_id>/confirm/", imports.people_confirm, name="people_confirm"),
    path("people/import/<uuid:public_id>/drop/", imports.people_drop, name="people_drop"),
    path(
        "people/import/<uuid:public_id>/rejected.csv",
        previews.people_rejected,
        name="people_rejected",
    ),
    path(
        "people/import/<uuid:public_id>/rejected.xlsx",
        previews.people_rejected,
        {"kind": "xlsx"},
        name="people_rejected_workbook",
    ),
]
