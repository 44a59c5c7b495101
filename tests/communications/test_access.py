"""Who may open and press what; ids of other projects do not exist."""

import pytest
from django.urls import reverse

from communications.models import Delivery, Message, Occurrence
from projects.models import Project
from tests.factories.cohorts import MembershipFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db
READ = {"message_list", "occurrence_list", "message_detail", "occurrence_detail", "delivery_list",
        "audience_list", "audience_export", "delivery_export", "occurrence_preview"}  # fmt: skip
ASK = {"message_edit", "message_cancel", "occurrence_cancel"}
WRITE = ASK | {"message_pause", "message_resume", "occurrence_approve", "occurrence_unapprove",
               "occurrence_test", "occurrence_decide", "occurrence_retry"}  # fmt: skip


@pytest.fixture
def occurrence(project: Project) -> Occurrence:
    found = OccurrenceFactory(message__project=project)
    DeliveryFactory(occurrence=found, state="uncertain")
    MembershipFactory(cohort=found.cohort)
    return found


def address(name: str, occurrence: Occurrence, slug: str | None = None) -> str:
    slug = slug or occurrence.project.slug
    if name in ("message_list", "occurrence_list"):
        args: list[object] = [slug]
    elif name.startswith("message"):
        args = [slug, occurrence.message_id]
    else:
        args = [slug, occurrence.pk]
    if name == "occurrence_preview":
        args.append(occurrence.cohort.memberships.get().participant_id)
    return reverse(f"communications:{name}", args=args)


def everything() -> list[list[tuple]]:
    return [list(model.objects.order_by("pk").values_list()) for model in
            (Message, Occurrence, Delivery)]  # fmt: skip


@pytest.mark.parametrize("name", sorted(READ))
@pytest.mark.parametrize("persona", ["admin", "manager", "contributor", "viewer"])
def test_members_read(request, as_user, occurrence: Occurrence, name: str, persona: str) -> None:
    client = as_user(request.getfixturevalue(persona))
    assert client.get(address(name, occurrence)).status_code == 200
    assert client.post(address(name, occurrence)).status_code == 405


@pytest.mark.parametrize("name", sorted(WRITE))
@pytest.mark.parametrize("persona", ["contributor", "viewer"])
def test_only_managers_write(
    request, as_user, occurrence: Occurrence, name: str, persona: str
) -> None:
    client = as_user(request.getfixturevalue(persona))
    before = everything()
    assert client.post(address(name, occurrence)).status_code == 403
    assert client.get(address(name, occurrence)).status_code == (403 if name in ASK else 405)
    assert everything() == before


@pytest.mark.parametrize("name", sorted(READ | WRITE))
def test_strangers_find_nothing(as_user, stranger, occurrence: Occurrence, name: str) -> None:
    before = everything()
    method = "get" if name in READ else "post"
    assert getattr(as_user(stranger), method)(address(name, occurrence)).status_code == 404
    signed_out = getattr(as_user(None), method)(address(name, occurrence))
    assert (signed_out.status_code, signed_out.url.split("?")[0]) == (302, reverse("account_login"))
    assert everything() == before


@pytest.mark.parametrize("name", sorted((READ | WRITE) - {"message_list", "occurrence_list"}))
def test_ids_of_another_project_do_not_exist(
    as_user, manager, occurrence: Occurrence, foreign_project: Project, name: str
) -> None:
    theirs = OccurrenceFactory(message__project=foreign_project)
    MembershipFactory(cohort=theirs.cohort)
    before = everything()
    method = "get" if name in READ else "post"
    response = getattr(as_user(manager), method)(
        address(name, theirs, occurrence.project.slug), {"people": 1}
    )
    assert response.status_code == 404
    assert everything() == before


@pytest.mark.parametrize("persona", ["contributor", "viewer"])
def test_readers_see_no_buttons(request, as_user, occurrence: Occurrence, persona: str) -> None:
    client = as_user(request.getfixturevalue(persona))
    for name in READ - {"audience_export", "delivery_export", "occurrence_preview"}:
        page = client.get(address(name, occurrence)).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        assert 'method="post"' not in main
        assert "/edit/" not in main
        assert "/cancel/" not in main


@pytest.mark.parametrize(
    "name", ["occurrence_list", "occurrence_detail", "audience_list", "delivery_list"]
)
def test_nul_in_a_query_is_a_bad_request(
    as_user, manager, occurrence: Occurrence, name: str
) -> None:
    client = as_user(manager)
    for field in ("who", "why", "words", "state", "after"):
        response = client.get(f"{address(name, occurrence)}?{field}=%00")
        assert response.status_code == 400
