"""`python -m tests.e2e.fill_approval`: a project whose first wave has people. Prints an address."""

import json
from datetime import timedelta

import django

django.setup()

from django.urls import reverse  # noqa: E402
from django.utils.timezone import localdate  # noqa: E402

from accounts.models import User  # noqa: E402
from playbooks.library import list_playbooks  # noqa: E402
from rollout.drafts import plan_project  # noqa: E402
from rollout.services.create import create_project  # noqa: E402
from tests.e2e.fill import import_people  # noqa: E402
from tests.rollout.drafts import draft_for  # noqa: E402

EMAIL, PASSWORD, PEOPLE = "anton@example.com", "a long enough pass phrase", 200


def main() -> None:
    user = User.objects.create_superuser(email=EMAIL, password=PASSWORD, name="Anton Approves")
    draft = draft_for(list_playbooks()[0], name="Fast approval")
    anchors = plan_project(draft).schedule.anchors
    lead = anchors.first_switch - anchors.project_start
    # The first wave switches in four weeks, so its mails are in the calendar.
    starts_on = localdate() - lead + timedelta(days=28)
    draft = draft_for(draft.playbook_key, name=draft.name, starts_on=starts_on, wave_count=4)
    project = create_project(draft=draft, owner=user, acting_user=user)
    import_people(project, "Wave 1", PEOPLE)
    print(json.dumps({"list": reverse("communications:message_list", args=[project.slug])}))


if __name__ == "__main__":
    main()
