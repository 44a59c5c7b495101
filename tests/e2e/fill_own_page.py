"""`python -m tests.e2e.fill_own_page`: a person with a date of their own and another to choose.

Prints the path of their personal link and the names of both cohorts.
"""

import json

import django

django.setup()

from django.utils.timezone import localdate  # noqa: E402

from accounts.models import User  # noqa: E402
from playbooks.library import list_playbooks  # noqa: E402
from rollout.services.create import create_project  # noqa: E402
from tests.e2e.cases import fill_cases, own_pages  # noqa: E402
from tests.e2e.fill import import_people  # noqa: E402
from tests.rollout.drafts import draft_for  # noqa: E402


def main() -> None:
    user = User.objects.create_user(
        email="olga@example.com", password="a long enough pass phrase", name="Olga Own"
    )
    draft = draft_for(list_playbooks()[0], name="Own pages", starts_on=localdate())
    project = create_project(draft=draft, owner=user, acting_user=user)
    import_people(project, "Wave 1", 4)
    fill_cases(project, user)
    print(json.dumps({"link": own_pages(project)["my upgrade"]}))


if __name__ == "__main__":
    main()
