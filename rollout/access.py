"""Who may make a project, and whose page a personal link opens.

Everybody who has an account may make a project; what is made belongs to its maker. A link that is
not, or no longer, one of ours is unknown, without saying why.
"""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import User
from cohorts.access import get_participant
from cohorts.enums import ParticipantStatus
from cohorts.models import Participant
from common import links
from common.links import Link
from common.visits import Visit
from projects.enums import ProjectStatus
from rollout.personal_links import PURPOSE


def require_project_maker(user: User | AnonymousUser) -> User:
    """The signed-in, active user; raises PermissionDenied for anybody else."""
    if not isinstance(user, User) or not user.is_active:
        raise PermissionDenied
    return user


def find_link(token: str) -> Link | None:
    """What a mailed token says, while it still opens somebody's page."""
    link = links.read(PURPOSE, token)
    return link if link is not None and _person(link) is not None else None


def find_visitor(visit: Visit | None) -> Participant | None:
    """The person of this visit with their project, in one query; None once the link was revoked,
    they have left or were erased, or the project is closed."""
    return _person(visit.link) if visit else None


def get_previewed_person(user: User | AnonymousUser, slug: str, pk: int) -> Participant:
    """Somebody whose own page a member of the project may look at; 404 where there is none."""
    person = get_participant(user, slug, pk)
    if person.status != ParticipantStatus.ACTIVE or person.project.status == ProjectStatus.CLOSED:
        raise Http404
    return person


def _person(link: Link) -> Participant | None:
    people = Participant.objects.active().exclude(project__status=ProjectStatus.CLOSED)
    found = people.filter(public_id=link.public_id, link_generation=link.generation)
    return found.select_related("project").first()
