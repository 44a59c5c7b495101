"""/u/<token>/ and /unsubscribe/: stopping mails that are not mandatory, without an account."""

from django.urls import path

from communications.views import unsubscribe

app_name = "unsubscribe"

# /u/ is what mails carry, /unsubscribe/ what the browser shows afterwards
urlpatterns = [
    path("u/<str:token>/", unsubscribe.enter, name="enter"),
    path("unsubscribe/", unsubscribe.page, name="page"),
]
