"""/projects/new/ and the cohort's page: what spans rooms."""

from django.urls import path

from rollout.views import (
    cohort,
    create,
    deferrals,
    gates,
    my_upgrade,
    person,
    rehearsal,
    reschedule,
    resume,
    waves,
)

app_name = "rollout"
urlpatterns = [
    path("projects/new/", create.project_create, name="project_create"),
    path("projects/<slug:slug>/go-on/", resume.project_resume, name="project_resume"),
    path("projects/<slug:slug>/cohorts/<int:pk>/", cohort.cohort_detail, name="cohort_detail"),
    path(
        "projects/<slug:slug>/cohorts/<int:pk>/switch/", cohort.cohort_switch, name="cohort_switch"
    ),
    path(
        "projects/<slug:slug>/cohorts/<int:pk>/reschedule/",
        reschedule.cohort_reschedule,
        name="cohort_reschedule",
    ),
    path(
        "projects/<slug:slug>/cohorts/<int:pk>/reschedule/undo/",
        reschedule.cohort_reschedule_undo,
        name="cohort_reschedule_undo",
    ),
    path("projects/<slug:slug>/cohorts/<int:pk>/gate/", gates.cohort_gate, name="cohort_gate"),
    path("projects/<slug:slug>/people/<int:pk>/", person.person_detail, name="person_detail"),
    path(
        "projects/<slug:slug>/people/<int:pk>/change/", person.person_change, name="person_change"
    ),
    path(
        "projects/<slug:slug>/people/<int:pk>/do-not-contact/",
        person.person_silence,
        name="person_silence",
    ),
    path("projects/<slug:slug>/people/<int:pk>/erase/", person.person_erase, name="person_erase"),
    path(
        "projects/<slug:slug>/people/<int:pk>/my-upgrade/",
        my_upgrade.preview,
        name="my_upgrade_preview",
    ),
    path(
        "projects/<slug:slug>/people/<int:pk>/deferral/",
        deferrals.deferral_add,
        name="deferral_add",
    ),
    path(
        "projects/<slug:slug>/deferrals/<int:pk>/",
        deferrals.deferral_decide,
        name="deferral_decide",
    ),
    path(
        "projects/<slug:slug>/deferrals/<int:pk>/withdraw/",
        deferrals.deferral_withdraw,
        name="deferral_withdraw",
    ),
    path("projects/<slug:slug>/communications/rehearsal/", rehearsal.rehearsal, name="rehearsal"),
    # cohorts that are added, split, joined, given up
    path("projects/<slug:slug>/cohorts/add/", waves.wave_add, name="wave_add"),
    path("projects/<slug:slug>/cohorts/<int:pk>/split/", waves.wave_split, name="wave_split"),
    path("projects/<slug:slug>/cohorts/<int:pk>/merge/", waves.wave_merge, name="wave_merge"),
    path("projects/<slug:slug>/cohorts/<int:pk>/cancel/", waves.wave_cancel, name="wave_cancel"),
]
