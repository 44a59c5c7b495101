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
from cohorts.gates import gate_key  # noqa: E402
from communications.models import Message  # noqa: E402
from playbooks.library import list_playbooks  # noqa: E402
from projects.models import Project  # noqa: E402
from rollout.demo.gates import let_through  # noqa: E402
from rollout.drafts import plan_project  # noqa: E402
from rollout.services.create import create_project  # noqa: E402
from surveys.mail_audiences import survey_link  # noqa: E402
from surveys.models import Invitation  # noqa: E402
from surveys.services.responses import submit_response  # noqa: E402
from tests.e2e.cases import case_pages, fill_cases, own_pages  # noqa: E402
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
    live(project)
    let_through(project.cohorts.get(kind="pilot"), user, now())
    fill_cases(project, user)
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


def live(project: Project) -> None:
    """The pilot is told and asked, three answer, the goals are measured."""
    pilot, message = project.cohorts.get(kind="pilot"), pilot_mail(project)
    survey = pilot.surveys.get()
    quietly("send_message", project.slug, message.key, "--cohort", pilot.name, "--as", EMAIL)
    quietly("open_survey", project.slug, survey.key, "--cohort", pilot.name, "--as", EMAIL)
    quietly("send_due")
    for invitation in survey.invitations.order_by("pk")[:3]:
        answers = {q.key: 5 for q in survey.questions.filter(kind="agree")} | {"recommend": 9}
        submit_response(invitation=invitation, answers=answers, at=now())
    quietly("project_report", project.slug)


def pilot_mail(project: Project) -> Message:
    mails = project.messages.filter(cohort_kind="pilot", channel="mail")
    return mails.order_by("position")[0]


PLAIN = {  # pages of the project as a whole
    "project home": "dashboards:project_home",
    "timeline": "dashboards:timeline",
    "steps": "projects:step_list",
    "goals": "projects:goal_list",
    "risks": "projects:risk_list",
    "risk": "projects:risk_add",
    "readiness": "projects:readiness_list",
    "stakeholders": "projects:stakeholder_list",
    "activity": "projects:activity",
    "scope": "projects:scope",
    "settings": "projects:settings",
    "cohorts": "cohorts:cohort_list",
    "go/no-go": "projects:gate_list",
    "people": "cohorts:people_list",
    "modes": "cohorts:modes_list",
    "report of modes": "cohorts:modes_verify",
    "import": "cohorts:people_import",
    "communications": "communications:message_list",
    "all mails": "communications:occurrence_list",
    "surveys": "surveys:survey_list",
}
OUTSIDE = {  # pages of no project
    "home": "/",
    "wizard": "/projects/new/",
    "wizard with a plan": "/projects/new/?"
    + urlencode(form_of(draft_for(list_playbooks()[0], wave_count=6))),
    "profile": "/accounts/profile/",
    "login": "/accounts/login/",
    "password reset": "/accounts/password/reset/",
    "unknown link": "/s/nonsense/",
    "unknown own page": "/me/nonsense/",
    "not found": "/projects/no-such/",
}


def addresses(project: Project) -> dict[str, str]:
    """{name of the page: its path}."""
    plain = {name: reverse(view, args=[project.slug]) for name, view in PLAIN.items()}
    own = {**public(project), **own_pages(project)}
    return {**OUTSIDE, **plain, **details(project), **case_pages(project), **own}


def details(project: Project) -> dict[str, str]:
    """Pages of one step, cohort, person, mail, survey."""
    pilot, message = project.cohorts.get(kind="pilot"), pilot_mail(project)
    survey, told = pilot.surveys.get(), message.occurrences.get()
    wave = project.cohorts.get(name="Wave 1")
    person = project.participants.order_by("pk")[0]
    planned = project.occurrences.filter(state="planned", cohort__kind="wave").order_by("due_at")[0]
    targets: dict[str, tuple[str, Any]] = {
        "step": ("projects:step_detail", project.steps.order_by("position")[3].key),
        "goal": ("projects:goal_measure", project.goals.order_by("position")[0].key),
        "cohort": ("rollout:cohort_detail", pilot.pk),
        "gate": ("projects:gate_detail", gate_key(pilot)),
        "gate to decide": ("projects:gate_detail", gate_key(wave)),
        "scripts": ("cohorts:modes_scripts", wave.pk),
        "person": ("rollout:person_detail", person.pk),
        "no mail to a person": ("rollout:person_silence", person.pk),
        "erase a person": ("rollout:person_erase", person.pk),
        "occurrence": ("communications:occurrence_detail", told.pk),
        "occurrence to approve": ("communications:occurrence_detail", planned.pk),
        "audience": ("communications:audience_list", planned.pk),
        "ledger": ("communications:delivery_list", told.pk),
        "message": ("communications:message_detail", message.pk),
        "message edit": ("communications:message_edit", message.pk),
        "survey": ("surveys:survey_detail", survey.pk),
        "survey preview": ("surveys:survey_preview", survey.pk),
    }
    return {name: reverse(view, args=[project.slug, key]) for name, (view, key) in targets.items()}


def public(project: Project) -> dict[str, str]:
    """Personal links: of somebody who has not answered, and of somebody who has."""
    invitations = Invitation.objects.filter(survey__project=project).order_by("pk")
    chosen = {"public survey": invitations.last(), "answered survey": invitations.first()}
    return {name: "/" + survey_link(one).split("/", 3)[3] for name, one in chosen.items() if one}


if __name__ == "__main__":
    main()
