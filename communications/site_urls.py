"""/mail/: how mail is doing on this installation. For its administrators."""

from django.urls import path

from communications.views import health

app_name = "mail"
urlpatterns = [
    path("mail/", health.mail_health_page, name="health"),
    path("mail/release/", health.mail_release, name="release"),
    path("mail/limits/", health.mail_limits, name="limits"),
]
