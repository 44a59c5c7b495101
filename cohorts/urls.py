"""Below /projects/<slug>/. A cohort's own page, cohorts/<pk>/, is rollout's."""

from django.urls import path

from cohorts.views import cohorts, imports, modes, people, people_changes, people_detail

app_name = "cohorts"
urlpatterns = [
    # cohorts
    path("cohorts/", cohorts.cohort_list, name="cohort_list"),
    path("cohorts/<int:pk>/edit/", cohorts.cohort_edit, name="cohort_edit"),
    path("cohorts/<int:pk>/finish/", cohorts.cohort_finish, name="cohort_finish"),
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
    path("people/<int:pk>/", people_detail.people_detail, name="people_detail"),
    # people/modes
    path("people/modes/", modes.modes_list, name="modes_list"),
    path("people/modes/verify/", modes.modes_verify, name="modes_verify"),
    path("people/modes/requeue/", modes.modes_requeue, name="modes_requeue"),
    # people/import
    path("people/import/", imports.people_import, name="people_import"),
    path("people/import/<uuid:public_id>/", imports.people_preview, name="people_preview"),
    path("people/import/<uuid:public_id>/confirm/", imports.people_confirm, name="people_confirm"),
    path("people/import/<uuid:public_id>/drop/", imports.people_drop, name="people_drop"),
    path(
        "people/import/<uuid:public_id>/rejected.csv",
        imports.people_rejected,
        name="people_rejected",
    ),
]
