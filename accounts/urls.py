"""/accounts/…: signing in and one's own profile. Sign-up stays closed (see adapter)."""

from django.urls import include, path

urlpatterns = [
    path("", include("allauth.account.urls")),
]
