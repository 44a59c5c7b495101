"""`python -m tests.e2e.fill`: a project with something on every page. Prints their addresses.

Runs beside the site's own processes and writes through the services, as everybody does.
"""

import io
import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils.timezone import localdate, now  # noqa: E402

from accounts.models import User  # noqa: E402
from playbooks.library import list_playbooks  # noqa: E402
from projects.models import Project  # noqa: E402
from rollout.drafts import plan_project  # noqa: E402
from rollout.services.create import create_project  # noqa: E402
from surveys.mail_audiences import survey_link  # noqa: E402
from surveys.services.responses import submit_response  # noqa: E402
from tests.rollout.drafts import draft_for, form_of  # noqa: E402

EMAIL, PASSWORD = "paula@example.com", "a long enough pass phrase"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def main() -> None:
    user = User.objects.create_superuser(email=EMAIL, password=PASSWORD, name="Paula Pages")
    draft = draft_for(list_playbooks()[0], name=f"Süd & West, {LONG}")
    lead = plan_project(draft).schedule.anchors.pilot_start - draft.starts_on
    draft = draft_for(
        draft.playbook_key,
        name=draft.name,
        starts_on=localdate() - lead - timedelta(days=20),
        wave_count=4,
    )
    project = create_project(draft=draft, owner=user, acting_user=user)
    for cohort, number in (("Pilot", 12), ("Wave 1", 60)):
        import_people(project, cohort, number)
    print(json.dumps(addresses(project)))


def quietly(command: str, *arguments: str) -> None:
    call_command(command, *arguments, stdout=io.StringIO())


def import_people(project: Project, cohort: str, number: int) -> None:
    lines = ["userPrincipalName,displayName,department"]
    for n in range(number):
        name = f"Person {n}" if n else LONG
        lines.append(f"{cohort.replace(' ', '').lower()}.{n}@example.org,{name},Department {n % 3}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        file.write_text("\n".join(lines))
        quietly("import_people", project.slug, str(file), "--cohort", cohort)


def addresses(project: Project) -> dict[str, Any]:
    """Tells the pilot, asks it, lets some answer; {name of the page: its path}."""
    pilot = project.cohorts.get(kind="pilot")
    survey = pilot.surveys.get()
    first = project.messages.filter(cohort_kind="pilot", channel="mail").order_by("position")[0]
    quietly("send_message", project.slug, first.key, "--cohort", pilot.name, "--as", EMAIL)
    quietly("open_survey", project.slug, survey.key, "--cohort", pilot.name, "--as", EMAIL)
    quietly("send_due")
    told = first.occurrences.get()
    invitations = list(survey.invitations.order_by("pk"))
    for invitation in invitations[:3]:
        answers = {q.key: 5 for q in survey.questions.filter(kind="agree")} | {"recommend": 9}
        submit_response(invitation=invitation, answers=answers, at=now())
    quietly("project_report", project.slug)  # measures the goals
    planned = project.occurrences.filter(state="planned", cohort=pilot).first() or told

    def path(name: str, *args: object) -> str:
        return reverse(name, args=[project.slug, *args])

    return {
        "home": "/",
        "project home": path("dashboards:project_home"),
        "timeline": path("dashboards:timeline"),
        "steps": path("projects:step_list"),
        "step": path("projects:step_detail", project.steps.order_by("position")[3].key),
        "goals": path("projects:goal_list"),
        "goal": path("projects:goal_measure", project.goals.order_by("position")[0].key),
        "risks": path("projects:risk_list"),
        "risk": path("projects:risk_add"),
        "readiness": path("projects:readiness_list"),
        "stakeholders": path("projects:stakeholder_list"),
        "activity": path("projects:activity"),
        "scope": path("projects:scope"),
        "settings": path("projects:settings"),
        "cohorts": path("cohorts:cohort_list"),
        "cohort": path("rollout:cohort_detail", pilot.pk),
        "people": path("cohorts:people_list"),
        "person": path("cohorts:people_detail", project.participants.order_by("pk")[0].pk),
        "import": path("cohorts:people_import"),
        "communications": path("communications:message_list"),
        "all mails": path("communications:occurrence_list"),
        "occurrence": path("communications:occurrence_detail", told.pk),
        "occurrence to approve": path("communications:occurrence_detail", planned.pk),
        "ledger": path("communications:delivery_list", told.pk),
        "message": path("communications:message_detail", first.pk),
        "message edit": path("communications:message_edit", first.pk),
        "surveys": path("surveys:survey_list"),
        "survey": path("surveys:survey_detail", survey.pk),
        "survey preview": path("surveys:survey_preview", survey.pk),
        "wizard": reverse("rollout:project_create"),
        "wizard with a plan": f"{reverse('rollout:project_create')}?{query()}",
        "profile": reverse("accounts:profile"),
        "login": reverse("account_login"),
        "password reset": reverse("account_reset_password"),
        "public survey": link(invitations[-1]),
        "answered survey": link(invitations[0]),
        "unknown link": "/s/nonsense/",
        "not found": "/projects/no-such/",
    }


def query() -> str:
    return urlencode(form_of(draft_for(list_playbooks()[0], wave_count=6)))


def link(invitation: Any) -> str:
    return "/" + survey_link(invitation).split("/", 3)[3]


if __name__ == "__main__":
    main()
