"""/projects/new/ and the cohort's page: what spans rooms."""

from django.urls import path

from rollout.views import cohort, create, gates, my_upgrade

app_name = "rollout"
urlpatterns = [
    path("projects/new/", create.project_create, name="project_create"),
    path("projects/<slug:slug>/cohorts/<int:pk>/", cohort.cohort_detail, name="cohort_detail"),
    path(
        "projects/<slug:slug>/cohorts/<int:pk>/switch/", cohort.cohort_switch, name="cohort_switch"
    ),
    path("projects/<slug:slug>/cohorts/<int:pk>/gate/", gates.cohort_gate, name="cohort_gate"),
    path(
        "projects/<slug:slug>/people/<int:pk>/my-upgrade/",
        my_upgrade.preview,
        name="my_upgrade_preview",
    ),
]
