"""What commands for one cohort look up."""

from django.utils.translation import gettext as _

from cohorts.models import Cohort
from projects.commands import ManagerCommand
from projects.models import Project


class CohortCommand(ManagerCommand):
    """One cohort of a project, by its name."""

    def cohort(self, project: Project, name: str) -> Cohort:
        """The cohort of this name, in whatever case where no other is meant; ends the command
        where there is none."""
        cohorts = project.cohorts.select_related("project")
        alike: list[Cohort] = list(cohorts.filter(name__iexact=self.plain(name)))
        found = [one for one in alike if one.name == name] or alike
        if len(found) != 1:
            sentence = _("There is no cohort “%(name)s” in “%(project)s”.")
            if names := ", ".join(cohorts.values_list("name", flat=True)):
                sentence += " " + _("Choose one of: %(names)s.")
            self.fail(sentence % {"name": name, "project": project.slug, "names": names})
        return found[0]
