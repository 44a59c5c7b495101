"""/projects/new/ and the cohort's page: what spans rooms."""

from django.urls import path

from rollout.views import cohort, create

app_name = "rollout"
urlpatterns = [
    path("projects/new/", create.project_create, name="project_create"),
    path("projects/<slug:slug>/cohorts/<int:pk>/", cohort.cohort_detail, name="cohort_detail"),
    path(
        "projects/<slug:slug>/cohorts/<int:pk>/switch/", cohort.cohort_switch, name="cohort_switch"
    ),
]
