"""``{my_upgrade_link}`` in every message to participants: fills the port of audiences.

The link is derived from two columns of the participant, so a batch of mails costs one query.
"""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.urls import reverse

from cohorts.models import Participant
from rollout.personal_links import my_upgrade_address


class MyUpgradeLink:
    def values(self, participant_pks: Sequence[int]) -> Mapping[int, str]:
        """Live links: mails alone carry them."""
        people = Participant.objects.filter(pk__in=list(participant_pks))
        return {
            pk: my_upgrade_address(public_id, generation)
            for pk, public_id, generation in people.values_list(
                "pk", "public_id", "link_generation"
            )
        }

    def sample(self, participant_pk: int) -> str:
        """The link of a preview leads to the preview of the page, which needs an account."""
        people = Participant.objects.filter(pk=participant_pk)
        slug = people.values_list("project__slug", flat=True).first()
        path = reverse("rollout:my_upgrade_preview", args=[slug, participant_pk]) if slug else "/"
        return f"{settings.SITE_URL}{path}"
