"""/s/<token>/ and /survey/…: the pages of people without an account."""

from django.urls import URLPattern

app_name = "survey"
urlpatterns: list[URLPattern] = []
