"""/mailbox/: what the development listener received. Only where MAILBOX_DIR is set."""

from django.urls import URLPattern

app_name = "mailbox"
urlpatterns: list[URLPattern] = []
