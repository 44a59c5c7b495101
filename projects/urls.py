"""/projects/<slug>/…: the plan and its record."""

from django.urls import path

from projects.views import gates, goals, people, project, readiness, risks, steps

app_name = "projects"
urlpatterns = [
    # steps/
    path("steps/", steps.step_list, name="step_list"),
    path("steps/<slug:key>/", steps.step_detail, name="step_detail"),
    path("steps/<slug:key>/status/", steps.step_status, name="step_status"),
    path("steps/<slug:key>/edit/", steps.step_edit, name="step_edit"),
    path("steps/<slug:key>/evidence/", steps.evidence_add, name="evidence_add"),
    # goals/
    path("goals/", goals.goal_list, name="goal_list"),
    path("goals/<slug:key>/", goals.goal_measure, name="goal_measure"),
    # risks/
    path("risks/", risks.risk_list, name="risk_list"),
    path("risks/new/", risks.risk_add, name="risk_add"),
    path("risks/<int:pk>/", risks.risk_edit, name="risk_edit"),
    # readiness/
    path("readiness/", readiness.readiness_list, name="readiness_list"),
    path("readiness/<int:pk>/", readiness.readiness_answer, name="readiness_answer"),
    # gates/; a key is like "cohort:7"
    path("gates/", gates.gate_list, name="gate_list"),
    path("gates/<str:key>/", gates.gate_detail, name="gate_detail"),
    path("gates/<str:key>/criteria/<int:pk>/", gates.gate_confirm, name="gate_confirm"),
    # stakeholders/
    path("stakeholders/", people.stakeholder_list, name="stakeholder_list"),
    path("stakeholders/new/", people.stakeholder_add, name="stakeholder_add"),
    path("stakeholders/<int:pk>/", people.stakeholder_edit, name="stakeholder_edit"),
    path("stakeholders/<int:pk>/remove/", people.stakeholder_remove, name="stakeholder_remove"),
    # the project itself
    path("scope/", project.scope, name="scope"),
    path("activity/", project.activity, name="activity"),
    path("settings/", project.settings, name="settings"),
    path("settings/status/", project.project_status, name="project_status"),
]
