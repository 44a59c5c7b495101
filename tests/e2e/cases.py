"""For `tests.e2e.fill`: deferrals, problems, and somebody's own page with something on it."""

from dataclasses import replace

from django.urls import reverse
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort, Participant
from cohorts.services.deferrals import ask_deferral
from cohorts.services.editing import edit_cohort, settings_of
from cohorts.services.problems import report_problem
from projects.models import Project
from rollout.personal_links import my_upgrade_address

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
OWN_PAGES = ("date", "later", "problem", "champion")


def fill_cases(project: Project, user: User) -> None:
    """Wave 2 is open for choice; three of Wave 1 ask for a later date or have a problem."""
    wave = Cohort.objects.select_related("project").get(project=project, name="Wave 2")
    settings = replace(settings_of(wave), capacity=99, is_bookable=True)
    edit_cohort(cohort=wave, settings=settings, acting_user=user)
    for person in people_of(project)[:3]:
        ask_deferral(participant=person, reason=f"At sea. {LONG}", acting_user=None, at=now())
        report_problem(
            participant=person, text=f"No {LONG}.", is_blocking=True, acting_user=None, at=now()
        )


def people_of(project: Project) -> list[Participant]:
    people = Participant.objects.filter(memberships__cohort__name="Wave 1", project=project)
    return list(people.select_related("project").order_by("pk"))


def case_pages(project: Project) -> dict[str, str]:
    """{name: path} of the team's pages."""
    asking, *_others, quiet = people_of(project)
    of_project = {"deferrals": "cohorts:deferral_list", "problems": "cohorts:problem_list"}
    of_row = {
        "deferral": ("rollout:deferral_decide", asking.deferrals.get().pk),
        "problem": ("cohorts:problem_detail", asking.problems.get().pk),
        "somebody's deferral": ("rollout:deferral_add", quiet.pk),
        "somebody's problem": ("cohorts:problem_add", quiet.pk),
        "somebody's links": ("cohorts:links_revoke", quiet.pk),
        "somebody's own page": ("rollout:my_upgrade_preview", asking.pk),
    }
    return {
        **{name: reverse(view, args=[project.slug]) for name, view in of_project.items()},
        **{name: reverse(view, args=[project.slug, pk]) for name, (view, pk) in of_row.items()},
    }


def own_pages(project: Project) -> dict[str, str]:
    """{name: path} of somebody's own pages, the personal link first."""
    person = people_of(project)[-1]
    link = my_upgrade_address(person.public_id, person.link_generation)
    pages = {f"my {name}": reverse(f"my_upgrade:{name}") for name in OWN_PAGES}
    return {"my upgrade": "/" + link.split("/", 3)[3], **pages}
