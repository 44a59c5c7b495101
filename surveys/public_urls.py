"""/s/<token>/ and /survey/…: the pages of people without an account."""

from django.urls import path

from surveys.views import public

app_name = "survey"

# /s/ is what mails carry, /survey/ what the browser shows afterwards
urlpatterns = [
    path("s/<str:token>/", public.enter, name="enter"),
    path("survey/<int:pk>/", public.answer, name="answer"),
    path("survey/<int:pk>/change/", public.change, name="change"),
]
