"""send_message SLUG KEY --cohort NAME --as EMAIL: approve a message for a cohort, due now."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.commands import CohortCommand
from cohorts.models import Cohort
from cohorts.queries.gates import closed_gate, closed_sentence
from common.commands import Result
from communications.models import Message, Occurrence
from communications.queries.messages import STARTED
from communications.queries.reach import examples, funnel, with_reasons
from communications.services.ordering import order_now, ordered_before
from projects.models import Project


class Command(CohortCommand):
    help = "Approve one message for one cohort and make it due now. Doing it twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="the project")
        parser.add_argument("key", help="the message's key in the playbook")
        parser.add_argument("--cohort", metavar="NAME", help="leave out for the whole project")
        parser.add_argument("--as", dest="email", required=True, metavar="EMAIL")
        self.add_yes(parser)

    def run(
        self, *, slug: str, key: str, cohort: str | None, email: str, yes: bool, **options: Any
    ) -> Result:
        project = self.project(slug)
        user = self.manager(project, email)
        message = self._message(project, key)
        group = None if cohort is None else self.cohort(project, cohort)
        self._tell_who(message, group, is_sure=yes)
        gate = closed_gate(group, now())
        result = _result(order_now(message=message, cohort=group, acting_user=user))
        if gate and group is not None:
            self.stderr.write(closed_sentence(group))
        return result | gate

    def say(self, result: Result) -> str:
        sentence = ngettext(
            "%(message)s: %(state)s for %(people)s person.",
            "%(message)s: %(state)s for %(people)s people.",
            result["people"],
        )
        return sentence % result

    def _tell_who(self, message: Message, cohort: Cohort | None, *, is_sure: bool) -> None:
        """Nobody needs to be told of what has begun already, or is refused in a moment."""
        occurrence = ordered_before(message, cohort) or Occurrence(
            message=message, project=message.project, cohort=cohort
        )
        if occurrence.state in STARTED or bool(message.cohort_kind) != (cohort is not None):
            return
        people = with_reasons(occurrence, now())
        reachable = funnel(occurrence, now(), people).reachable
        names = [one.in_words for one in examples(people)]
        self.tell_who(reachable, names, is_sure=is_sure)

    def _message(self, project: Project, key: str) -> Message:
        found = project.messages.select_related("project").filter(key=self.plain(key)).first()
        if found is None:
            keys = ", ".join(project.messages.values_list("key", flat=True))
            self.fail(
                _("There is no message “%(key)s”. Choose one of: %(keys)s.")
                % {"key": key, "keys": keys}
            )
        return found


def _result(occurrence: Occurrence) -> Result:
    return {
        "message": occurrence.message.key,
        "cohort": occurrence.cohort.name if occurrence.cohort else None,
        "occurrence": occurrence.pk,
        "state": occurrence.state,
        "due_at": occurrence.due_at,
        "people": occurrence.approved_count or 0,
    }
