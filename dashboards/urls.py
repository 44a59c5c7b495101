"""/ and /projects/<slug>/: where one looks first; /cohort-board/: all cohorts."""

from django.urls import path, re_path

from dashboards.views import board, home, project

app_name = "dashboards"
urlpatterns = [
    path("", home.home, name="home"),
    path("cohort-board/", board.cohort_board, name="cohort_board"),
    re_path(
        r"^cohort-board/(?P<kind>csv|xlsx)/$",
        board.cohort_board_export,
        name="cohort_board_export",
    ),
    path("projects/<slug:slug>/", project.project_home, name="project_home"),
    path("projects/<slug:slug>/timeline/", project.timeline, name="timeline"),
    path("projects/<slug:slug>/cohort-board/", board.project_board, name="project_board"),
    re_path(
        r"^projects/(?P<slug>[-a-zA-Z0-9_]+)/cohort-board/(?P<kind>csv|xlsx)/$",
        board.project_board_export,
        name="project_board_export",
    ),
]
