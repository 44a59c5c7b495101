"""/ and /projects/<slug>/: where one looks first."""

from django.urls import path

from dashboards.views import home, project

app_name = "dashboards"
urlpatterns = [
    path("", home.home, name="home"),
    path("projects/<slug:slug>/", project.project_home, name="project_home"),
    path("projects/<slug:slug>/timeline/", project.timeline, name="timeline"),
]
