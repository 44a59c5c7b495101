"""open_survey SLUG KEY --cohort NAME --as EMAIL: open a survey; its invitations become due now."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.queries.gates import closed_gate, closed_sentence
from common.addresses import in_words
from common.commands import Result
from projects.commands import ManagerCommand
from surveys.enums import SurveyStatus
from surveys.models import Survey
from surveys.queries.numbers import find_survey
from surveys.queries.people import first_to_ask, people_of
from surveys.services.opening import open_survey


class Command(ManagerCommand):
    help = "Open a survey for a cohort; its invitations become due now."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="the project")
        parser.add_argument("key", help="the survey's key in the playbook")
        parser.add_argument("--cohort", required=True, metavar="NAME")
        parser.add_argument("--as", dest="email", required=True, metavar="EMAIL")
        self.add_yes(parser)

    def run(
        self, *, slug: str, key: str, cohort: str, email: str, yes: bool, **options: Any
    ) -> Result:
        project = self.project(slug)
        user = self.manager(project, email)
        survey = find_survey(project, self.plain(key), self.plain(cohort))
        if survey is None:
            sentence = _("There is no survey “%(key)s” for a cohort “%(cohort)s”.")
            self.fail(sentence % {"key": key, "cohort": cohort})
        at = timezone.now()
        if survey.status == SurveyStatus.DRAFT:
            names = [in_words(one.display_name, one.address) for one in first_to_ask(survey)]
            self.tell_who(people_of(survey.cohort).count(), names, is_sure=yes)
        gate = closed_gate(survey.cohort, at)
        result = _result(open_survey(survey=survey, acting_user=user, at=at))
        if gate:
            self.stderr.write(closed_sentence(survey.cohort))
        return result | gate

    def say(self, result: Result) -> str:
        sentence = ngettext(
            "Open until %(closes_at)s: %(invited)s person is invited.",
            "Open until %(closes_at)s: %(invited)s people are invited.",
            result["invited"],
        )
        return sentence % result


def _result(survey: Survey) -> Result:
    return {
        "key": survey.key,
        "cohort": survey.cohort.name,
        "status": survey.status,
        "invited": survey.invitations.count(),
        "closes_at": survey.closes_at,
    }
