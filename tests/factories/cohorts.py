import gzip
from datetime import UTC, date, datetime, time
from io import BytesIO

import factory

from cohorts.enums import CohortKind, UploadStatus
from cohorts.models import Cohort, Membership, Participant, RosterPart, RosterUpload
from cohorts.services.roster import import_people
from tests.factories.projects import ProjectFactory

AT = datetime(2038, 6, 1, 16, 0, tzinfo=UTC)  # when the cohorts of CohortFactory switch


class CohortFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Cohort

    project = factory.SubFactory(ProjectFactory)
    kind = CohortKind.WAVE
    name = factory.Sequence(lambda n: f"Cohort {n}")
    position = factory.Sequence(lambda n: n % 1000)
    switch_on = date(2038, 6, 1)
    switch_time = time(18, 0)
    timezone = "Europe/Berlin"
    ends_on = date(2038, 6, 15)
    from_mode = "Islands"
    to_mode = "TeamsOnly"


class ParticipantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Participant

    project = factory.SubFactory(ProjectFactory)
    upn = factory.Sequence(lambda n: f"person{n}@example.org")
    key = factory.LazyAttribute(lambda p: (p.upn or p.mail).casefold())
    display_name = factory.Sequence(lambda n: f"Person {n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    cohort = factory.SubFactory(CohortFactory)
    participant = factory.SubFactory(
        ParticipantFactory, project=factory.SelfAttribute("..cohort.project")
    )
    kind = factory.SelfAttribute("cohort.kind")


class RosterPartFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RosterPart

    class Params:
        text = ""

    number = 0
    content = factory.LazyAttribute(lambda part: gzip.compress(part.text.encode()))


class RosterUploadFactory(factory.django.DjangoModelFactory):
    """One new person, checked by the same code as in the browser."""

    class Meta:
        model = RosterUpload

    class Params:
        text = "upn\nnew@example.org\n"

    project = factory.SubFactory(ProjectFactory)
    uploaded_by = factory.SelfAttribute("project.created_by")
    file_name = "people.csv"
    size = factory.LazyAttribute(lambda upload: len(upload.text))
    status = UploadStatus.PREVIEWED
    part = factory.RelatedFactory(
        "tests.factories.cohorts.RosterPartFactory",
        factory_related_name="upload",
        text=factory.SelfAttribute("..text"),
    )

    @factory.lazy_attribute
    def report(self) -> dict[str, object]:
        return import_people(
            project=self.project,
            stream=BytesIO(self.text.encode()),
            cohort=None,
            is_strict=False,
            is_dry_run=True,
            acting_user=self.uploaded_by,
        ).as_stored()
