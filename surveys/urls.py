from django.urls import path

from surveys.views import manage, results

app_name = "surveys"

# /projects/<slug>/surveys/
urlpatterns = [
    path("", manage.survey_list, name="survey_list"),
    path("<int:pk>/", manage.survey_detail, name="survey_detail"),
    path("<int:pk>/open/", manage.survey_open, name="survey_open"),
    path("<int:pk>/close/", manage.survey_close, name="survey_close"),
    path("<int:pk>/edit/", manage.survey_edit, name="survey_edit"),
    path("<int:pk>/preview/", manage.survey_preview, name="survey_preview"),
    path("<int:pk>/texts/<slug:question>/", results.survey_texts, name="survey_texts"),
    path("<int:pk>/answers.csv", results.survey_export, name="survey_export"),
]
