"""What commands of managers look up. What they do stands in services."""

from django.utils.translation import gettext as _

from accounts.models import User
from common.commands import ResultCommand
from projects.access import role_of
from projects.enums import AccessRole
from projects.models import Project


class ManagerCommand(ResultCommand):
    """Done for somebody who may do it in the browser."""

    def manager(self, project: Project, email: str) -> User:
        """The account with this e-mail address; ends the command where it manages no such
        project."""
        user: User = self.user(email)
        if role_of(user, project) != AccessRole.MANAGER:
            self.fail(_("%(email)s is not a manager of this project.") % {"email": email})
        return user
