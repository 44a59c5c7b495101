"""Messages and mails; the mailbox of development is not there while MAILBOX_DIR is empty."""

from typing import Any

from communications.enums import DeliveryState, MessageStatus, OccurrenceState
from communications.models import Occurrence
from projects.models import Project
from tests.factories.cohorts import (
    MembershipFactory,
)
from tests.factories.communications import (
    DeliveryFactory,
    MessageFactory,
    OccurrenceFactory,
    TeamsChannelFactory,
    VariantFactory,
)
from tests.permissions.rows import (
    DONE_BY_MANAGERS,
    FORM_OF_MANAGERS,
    PAGE_FOR_ALL_MEMBERS,
    PAGE_FOR_MANAGERS,
    Row,
    nothing,
)


def of_occurrence(project: Project, **changes: Any) -> dict[str, Any]:
    occurrence = OccurrenceFactory(message__project=project, **changes)
    return {"slug": project.slug, "pk": occurrence.pk}


def of_approved(project: Project) -> dict[str, Any]:
    return of_occurrence(project, state=OccurrenceState.APPROVED)


def of_later(project: Project) -> dict[str, Any]:
    """Nobody's yet, so that the button's number is none."""
    return of_occurrence(project)


def of_done(project: Project) -> dict[str, Any]:
    """With one mail that failed and one of which nobody knows."""
    occurrence = OccurrenceFactory(message__project=project, state=OccurrenceState.DONE)
    for state in (DeliveryState.FAILED, DeliveryState.UNCERTAIN):
        DeliveryFactory(occurrence=occurrence, state=state)
    return {"slug": project.slug, "pk": occurrence.pk}


def of_late(project: Project) -> dict[str, Any]:
    """With one person who joined after it had gone out."""
    arguments = of_occurrence(project, state=OccurrenceState.DONE, message__late_policy="send")
    MembershipFactory(cohort=Occurrence.objects.get(pk=arguments["pk"]).cohort)
    return arguments


def of_occurrence_with_person(project: Project) -> dict[str, Any]:
    occurrence = OccurrenceFactory(message__project=project)
    MembershipFactory(cohort=occurrence.cohort)
    return {"slug": project.slug, "pk": occurrence.pk}


def of_preview(project: Project) -> dict[str, Any]:
    arguments = of_occurrence_with_person(project)
    return {**arguments, "person_pk": project.participants.get().pk}


def of_message(project: Project, **changes: Any) -> dict[str, Any]:
    return {"slug": project.slug, "pk": MessageFactory(project=project, **changes).pk}


def of_message_with_people(project: Project) -> dict[str, Any]:
    MembershipFactory(cohort__project=project)
    return of_message(project)


def of_language(project: Project) -> dict[str, Any]:
    message = MessageFactory(project=project)
    VariantFactory(message=message)
    return {"slug": project.slug, "pk": message.pk, "language": "de"}


def of_paused(project: Project) -> dict[str, Any]:
    return of_message(project, status=MessageStatus.PAUSED)


def of_channel(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "pk": TeamsChannelFactory(project=project).pk}


def of_unreachable(project: Project) -> dict[str, Any]:
    """Its address was allowed once, so nobody is called."""
    channel = TeamsChannelFactory(project=project, url="https://workflow.invalid/a1")
    return {"slug": project.slug, "pk": channel.pk}


def of_item(project: Project, **changes: Any) -> dict[str, Any]:
    return of_occurrence(project, message__channel="banner", **changes)


def of_ticked(project: Project) -> dict[str, Any]:
    return of_item(project, state=OccurrenceState.DONE)


def of_card(project: Project) -> dict[str, Any]:
    return of_occurrence(project, message__channel="teams", message__audience_kind="channels")


COMMUNICATIONS = {
    "communications:channel_list": Row(
        GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS, data=lambda project: {"name": ""}
    ),
    "communications:channel_edit": Row(
        arguments=of_channel, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "communications:channel_test": Row(arguments=of_unreachable, POST=FORM_OF_MANAGERS),
    "communications:channel_remove": Row(
        arguments=of_channel, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS
    ),
    "communications:occurrence_tick": Row(arguments=of_item, POST=DONE_BY_MANAGERS),
    "communications:occurrence_untick": Row(arguments=of_ticked, POST=DONE_BY_MANAGERS),
    "communications:occurrence_card": Row(arguments=of_card, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:message_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "communications:occurrence_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "communications:message_detail": Row(arguments=of_message, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:rules": Row(
        GET=PAGE_FOR_ALL_MEMBERS, POST=FORM_OF_MANAGERS, data=lambda project: {"quiet_from": "9"}
    ),
    "communications:message_new": Row(GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "communications:message_preview": Row(POST=FORM_OF_MANAGERS),
    "communications:message_copy": Row(arguments=of_message, GET=PAGE_FOR_MANAGERS),
    "communications:message_edit": Row(
        arguments=of_message, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "communications:language_new": Row(
        arguments=of_message, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "communications:language_edit": Row(
        arguments=of_language, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "communications:language_remove": Row(arguments=of_language, POST=DONE_BY_MANAGERS),
    "communications:language_preview": Row(arguments=of_message_with_people, POST=FORM_OF_MANAGERS),
    "communications:message_pause": Row(arguments=of_message, POST=DONE_BY_MANAGERS),
    "communications:message_resume": Row(
        arguments=of_paused, POST=DONE_BY_MANAGERS, data=lambda project: {"people": 0}
    ),
    "communications:message_cancel": Row(
        arguments=of_message, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS
    ),
    "communications:occurrence_detail": Row(arguments=of_occurrence, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:occurrence_approve": Row(
        arguments=of_occurrence,
        POST=DONE_BY_MANAGERS,
        data=lambda project: {"people": 0, "mark": 0, "text": 1},
    ),
    "communications:occurrence_send_now": Row(
        arguments=of_later,
        POST=DONE_BY_MANAGERS,
        data=lambda project: {"people": 0, "mark": 0, "text": 1},
    ),
    "communications:occurrence_unapprove": Row(arguments=of_approved, POST=DONE_BY_MANAGERS),
    "communications:occurrence_cancel": Row(
        arguments=of_occurrence, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS
    ),
    "communications:occurrence_test": Row(
        arguments=of_occurrence_with_person,
        POST=DONE_BY_MANAGERS,
        data=lambda project: {"person": project.participants.get().pk},
    ),
    "communications:occurrence_decide": Row(
        arguments=of_done,
        POST=DONE_BY_MANAGERS,
        data=lambda project: {"decision": "treat_as_sent"},
    ),
    "communications:occurrence_late": Row(
        arguments=of_late, POST=DONE_BY_MANAGERS, data=lambda project: {"people": 1}
    ),
    "communications:occurrence_retry": Row(
        arguments=of_done, POST=DONE_BY_MANAGERS, data=lambda project: {"people": 1}
    ),
    "communications:occurrence_preview": Row(arguments=of_preview, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:audience_list": Row(
        arguments=of_occurrence_with_person, GET=PAGE_FOR_ALL_MEMBERS
    ),
    "communications:audience_export": Row(
        arguments=of_occurrence_with_person, GET=PAGE_FOR_ALL_MEMBERS
    ),
    "communications:audience_workbook": Row(
        arguments=of_occurrence_with_person, GET=PAGE_FOR_ALL_MEMBERS
    ),
    "communications:delivery_list": Row(arguments=of_done, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:delivery_export": Row(arguments=of_done, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:delivery_workbook": Row(arguments=of_done, GET=PAGE_FOR_ALL_MEMBERS),
}


NOT_THERE = "404  404  404  404  404  404"
NOT_WRITABLE = "405  405  405  405  405  405"
MAILBOX = {
    "mailbox:mail_list": Row(arguments=nothing, GET=NOT_THERE, POST=NOT_WRITABLE),
    "mailbox:mail_detail": Row(
        arguments=lambda project: {"key": "1"}, GET=NOT_THERE, POST=NOT_WRITABLE
    ),
    "mailbox:mail_html": Row(
        arguments=lambda project: {"key": "1"}, GET=NOT_THERE, POST=NOT_WRITABLE
    ),
}

# Only the link of a mail opens it, whoever is signed in; an unknown one is an unknown one.
UNKNOWN_LINK = "404  404  404  404  404  404"
UNSUBSCRIBE = {
    "unsubscribe:enter": Row(
        arguments=lambda project: {"token": "x"}, GET=UNKNOWN_LINK, POST=UNKNOWN_LINK
    ),
    "unsubscribe:page": Row(arguments=nothing, GET=UNKNOWN_LINK, POST=UNKNOWN_LINK),
}

FOR_ADMINS = "302  403  403  403  403  200"
MAIL = {
    "mail:health": Row(arguments=nothing, GET=FOR_ADMINS, POST="302  403  403  403  403  422"),
    "mail:limits": Row(
        arguments=nothing,
        GET="302  405  405  405  405  405",
        POST="302  403  403  403  403  422",
        data=lambda project: {"per_hour": "0"},
    ),
    "mail:release": Row(
        arguments=nothing, GET="302  405  405  405  405  405", POST="302  403  403  403  403  422"
    ),
}
