import pytest
import time_machine

from cohorts.models import Cohort
from projects.models import Project
from surveys.models import Survey
from tests.factories.cohorts import CohortFactory
from tests.factories.surveys import open_survey_row

NOON = "2038-06-10T12:00:00Z"


@pytest.fixture
def cohort(project: Project) -> Cohort:
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def survey(cohort: Cohort) -> Survey:
    """Open from 8 to 22 June 2038."""
    return open_survey_row(cohort)


@pytest.fixture
def noon():
    """Noon of 10 June 2038: the survey is open. The clock stands still; ``shift`` moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
