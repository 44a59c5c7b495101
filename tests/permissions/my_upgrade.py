"""A participant's own page, which only the personal link of a mail opens, and its preview."""

from typing import Any

from common import links
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.surveys import open_survey_row
from tests.permissions.rows import PAGE_FOR_ALL_MEMBERS, Row, nothing


def of_personal_link(project: Project) -> dict[str, Any]:
    person = MembershipFactory(cohort=CohortFactory(project=project)).participant
    return {"token": links.token("my-upgrade", person.public_id, person.link_generation)}


def of_survey(project: Project) -> dict[str, Any]:
    return {"pk": open_survey_row(CohortFactory(project=project)).pk}


def of_member(project: Project) -> dict[str, Any]:
    person = MembershipFactory(cohort=CohortFactory(project=project)).participant
    return {"slug": project.slug, "pk": person.pk}


UNKNOWN_LINK = "404  404  404  404  404  404"
NEVER = "405  405  405  405  405  405"
READ = {"arguments": nothing, "GET": UNKNOWN_LINK, "POST": NEVER}
WRITE = {"arguments": nothing, "GET": UNKNOWN_LINK, "POST": UNKNOWN_LINK}
MY_UPGRADE = {
    "my_upgrade:enter": Row(
        arguments=of_personal_link, GET="302  302  302  302  302  302", POST=NEVER
    ),
    "my_upgrade:home": Row(**READ),
    "my_upgrade:calendar": Row(**READ),
    "my_upgrade:survey": Row(arguments=of_survey, GET=UNKNOWN_LINK, POST=NEVER),
    "my_upgrade:date": Row(**WRITE),
    "my_upgrade:later": Row(**WRITE),
    "my_upgrade:withdraw": Row(**WRITE),
    "my_upgrade:problem": Row(**WRITE),
    "my_upgrade:champion": Row(**WRITE),
    "rollout:my_upgrade_preview": Row(arguments=of_member, GET=PAGE_FOR_ALL_MEMBERS),
}
