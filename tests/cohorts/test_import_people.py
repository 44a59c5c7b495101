"""The roster import from a shell."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cohorts.models import Membership, Participant
from projects.models import Event
from tests.factories.cohorts import CohortFactory

TEXT = "upn,name\na@x.org,Anna\nbad,Bert\n"
BAD = "userPrincipalName: “bad” is not an address like anna@example.org."


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def run(*args: str) -> str:
    out = StringIO()
    call_command("import_people", *args, stdout=out)
    return out.getvalue()


def test_import_people_prints_its_result_alone(project, manager, roster):
    wave = CohortFactory(project=project, name="Wave 1")
    args = (project.slug, roster, "--cohort", "wave 1", "--as", manager.email, "--json")
    assert json.loads(run(*args)) == {
        "rows": 2,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": [{"line": 3, "reason": BAD}],
    }
    assert (Membership.objects.get().cohort, Event.objects.get().actor) == (wave, manager)


def test_import_people_in_words(project, roster):
    assert run(project.slug, roster, "--dry-run") == (
        f"2 rows: 1 new, 0 changed, 0 as before, 1 rejected.\n  line 3: {BAD}\n"
    )
    assert Participant.objects.count() == 0


def test_import_people_names_moves_and_warnings_on_standard_error(project, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text('upn,name\na@x.org,"An\tna"\n', encoding="utf-8")
    CohortFactory(project=project, name="Wave 1")
    CohortFactory(project=project, name="Wave 2")
    err = StringIO()
    run(project.slug, str(path), "--cohort", "Wave 1")
    out = StringIO()
    call_command(
        "import_people",
        *(project.slug, str(path), "--cohort", "Wave 2", "--json"),
        stdout=out,
        stderr=err,
    )
    warning = "displayName: control characters became a space."
    assert err.getvalue() == f"1 person comes from another cohort.\nline 2: {warning}\n"
    assert json.loads(out.getvalue())["warnings"] == [{"line": 2, "reason": warning}]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["missing", "FILE"], "There is no project “missing”."),
        (["SLUG", "FILE", "--cohort", "Wave 9"], "There is no cohort “Wave 9” in “SLUG”."),
        (["SLUG", "FILE", "--cohort", ""], "There is no cohort “” in “SLUG”."),
        (["SLUG", "/nowhere.csv"], "The file “/nowhere.csv” cannot be read: No such file or dir"),
        (["SLUG", "FILE", "--as", "x@y.z"], "There is no account with the address “x@y.z”."),
        (["SLUG", "FILE", "--strict"], f"Nothing was imported: 1 row is bad, line 3: {BAD}"),
        (["SLUG", "a\0b"], "An argument holds characters that cannot be read. Type it again."),
    ],
)
def test_import_people_refuses_with_one_line(project, roster, args, sentence):
    given = {"SLUG": project.slug, "FILE": roster}
    with pytest.raises(CommandError) as caught:
        run(*(given.get(arg, arg) for arg in args), "--json")
    assert str(caught.value).startswith(sentence.replace("SLUG", project.slug))
    assert "\n" not in str(caught.value)
    assert Participant.objects.count() == 0


def test_of_cohorts_alike_but_for_their_case_only_the_named_one_is_meant(project, roster):
    lower, upper = (CohortFactory(project=project, name=name) for name in ("wave x", "WAVE X"))
    run(project.slug, roster, "--cohort", "WAVE X")
    assert (lower.memberships.count(), upper.memberships.count() > 0) == (0, True)
    with pytest.raises(CommandError) as caught:
        run(project.slug, roster, "--cohort", "Wave X")
    assert str(caught.value) == (
        f"There is no cohort “Wave X” in “{project.slug}”. Choose one of: wave x, WAVE X."
    )


def test_import_people_knows_no_cohort_of_another_project(project, foreign_project, roster):
    CohortFactory(project=foreign_project, name="Theirs")
    with pytest.raises(CommandError):
        run(project.slug, roster, "--cohort", "Theirs")
    assert Participant.objects.count() == 0
