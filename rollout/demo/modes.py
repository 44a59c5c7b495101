"""What a report of observed modes says of the demo's people: nearly all are where they should."""

import csv
import io

from django.utils.timezone import now

from accounts.models import User
from cohorts.enums import CohortKind
from cohorts.models import Membership
from cohorts.services.verification import verify_modes
from playbooks.library import get_playbook
from projects.models import Project

EVERY = 19  # one in so many of the wave is still seen in the old mode


def report_modes(project: Project, manager: User) -> None:
    """Import an export that shows everybody who has switched; a few of the wave drifted.

    Nothing happens where the playbook describes no such export.
    """
    observation = get_playbook(project.playbook_key).observation
    if observation is None:
        return
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([observation.identity[0], observation.mode[0]])
    people = Membership.objects.filter(cohort__project=project, switched_at__isnull=False)
    for number, row in enumerate(people.select_related("participant", "cohort").order_by("pk")):
        is_left_behind = row.cohort.kind == CohortKind.WAVE and number % EVERY == 0
        mode = row.cohort.from_mode if is_left_behind else row.cohort.to_mode
        writer.writerow([row.participant.upn, mode])
    stream = io.BytesIO(out.getvalue().encode())
    verify_modes(project=project, stream=stream, acting_user=manager, at=now())
