"""The project's record, newest first, paged by key: stable while lines are added on top."""

from dataclasses import dataclass

from projects.models import Event, Project

PAGE = 50


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """``older`` is the ``before`` of the next page, ``newer`` the ``after`` of the one above."""

    events: tuple[Event, ...]
    older: int | None
    newer: int | None


def activity_page(
    project: Project, *, before: int | None = None, after: int | None = None
) -> ActivityPage:
    """Fifty lines before (or after) an event's id. One query, and one line more than is shown
    tells whether it goes on."""
    events = Event.objects.filter(project=project).select_related("actor")
    if after is not None:
        found = list(events.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        shown = found[:PAGE][::-1]
        has_newer, has_older = len(found) > PAGE, True
    else:
        if before is not None:
            events = events.filter(pk__lt=before)
        found = list(events.order_by("-pk")[: PAGE + 1])
        shown = found[:PAGE]
        has_newer, has_older = before is not None, len(found) > PAGE
    return ActivityPage(
        events=tuple(shown),
        older=shown[-1].pk if shown and has_older else None,
        newer=shown[0].pk if shown and has_newer else None,
    )
