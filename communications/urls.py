from django.urls import path

from communications.views import (
    audience,
    authoring,
    channels,
    index,
    items,
    languages,
    message,
    occurrence,
    people,
    previews,
    rules,
)

app_name = "communications"

# projects/<slug>/communications/
urlpatterns = [
    path("", index.message_list, name="message_list"),
    path("all/", index.occurrence_list, name="occurrence_list"),
    path("rules/", rules.rules, name="rules"),
    path("channels/", channels.channel_list, name="channel_list"),
    path("channels/<int:pk>/", channels.channel_edit, name="channel_edit"),
    path("channels/<int:pk>/test/", channels.channel_test, name="channel_test"),
    path("channels/<int:pk>/remove/", channels.channel_remove, name="channel_remove"),
    path("messages/<int:pk>/", message.message_detail, name="message_detail"),
    path("messages/new/", authoring.message_new, name="message_new"),
    path("messages/preview/", authoring.message_preview, name="message_preview"),
    path("messages/<int:pk>/edit/", authoring.message_edit, name="message_edit"),
    path("messages/<int:pk>/copy/", authoring.message_copy, name="message_copy"),
    path("messages/<int:pk>/languages/", languages.language_new, name="language_new"),
    path(
        "messages/<int:pk>/language-preview/", languages.language_preview, name="language_preview"
    ),
    path(
        "messages/<int:pk>/languages/<slug:language>/",
        languages.language_edit,
        name="language_edit",
    ),
    path(
        "messages/<int:pk>/languages/<slug:language>/remove/",
        languages.language_remove,
        name="language_remove",
    ),
    path("messages/<int:pk>/pause/", message.message_pause, name="message_pause"),
    path("messages/<int:pk>/resume/", message.message_resume, name="message_resume"),
    path("messages/<int:pk>/cancel/", message.message_cancel, name="message_cancel"),
    path("<int:pk>/", occurrence.occurrence_detail, name="occurrence_detail"),
    path("<int:pk>/approve/", occurrence.occurrence_approve, name="occurrence_approve"),
    path("<int:pk>/send-now/", occurrence.occurrence_send_now, name="occurrence_send_now"),
    path("<int:pk>/unapprove/", occurrence.occurrence_unapprove, name="occurrence_unapprove"),
    path("<int:pk>/cancel/", occurrence.occurrence_cancel, name="occurrence_cancel"),
    path("<int:pk>/tick/", items.occurrence_tick, name="occurrence_tick"),
    path("<int:pk>/untick/", items.occurrence_untick, name="occurrence_untick"),
    path("<int:pk>/card/", items.occurrence_card, name="occurrence_card"),
    path("<int:pk>/test/", occurrence.occurrence_test, name="occurrence_test"),
    path("<int:pk>/decide/", occurrence.occurrence_decide, name="occurrence_decide"),
    path("<int:pk>/late/", occurrence.occurrence_late, name="occurrence_late"),
    path("<int:pk>/retry/", occurrence.occurrence_retry, name="occurrence_retry"),
    path(
        "<int:pk>/preview/<int:person_pk>/", previews.occurrence_preview, name="occurrence_preview"
    ),
    path("<int:pk>/audience/", audience.audience_list, name="audience_list"),
    path("<int:pk>/audience.csv", audience.audience_export, name="audience_export"),
    path(
        "<int:pk>/audience.xlsx",
        audience.audience_export,
        {"kind": "xlsx"},
        name="audience_workbook",
    ),
    path("<int:pk>/people/", people.delivery_list, name="delivery_list"),
    path("<int:pk>/people.csv", people.delivery_export, name="delivery_export"),
    path(
        "<int:pk>/people.xlsx", people.delivery_export, {"kind": "xlsx"}, name="delivery_workbook"
    ),
]
