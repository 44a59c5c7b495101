"""/mailbox/: what the development listener received. Only where MAILBOX_DIR is set."""

from django.urls import path

from communications.views import mailbox

app_name = "mailbox"

urlpatterns = [
    path("mailbox/", mailbox.mail_list, name="mail_list"),
    path("mailbox/<str:key>/", mailbox.mail_detail, name="mail_detail"),
    path("mailbox/<str:key>/html/", mailbox.mail_html, name="mail_html"),
]
