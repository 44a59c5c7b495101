"""The rules of the house that a machine can check. ARCHITECTURE.md says why they are rules."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands

from communications import audiences
from playbooks.library import get_playbook, list_playbooks
from projects import metrics

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "common",
    "accounts",
    "playbooks",
    "projects",
    "cohorts",
    "communications",
    "surveys",
    "dashboards",
    "rollout",
)
PRIVATE = ("views", "forms", "tasks", "urls", "management")


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_run_only_to_the_left_and_downwards() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_room_reaches_into_anothers_views_forms_or_tasks() -> None:
    reached = [
        f"{name_of(path)} imports {module}"
        for room in ROOMS
        for path in python_files(room)
        for module in imported_modules(path)
        if (parts := module.split("."))[0] in ROOMS
        and parts[0] != room
        and len(parts) > 1
        and parts[1] in PRIVATE
        and parts[0] != "common"
    ]
    assert reached == []


def test_the_two_ports_are_the_only_ones() -> None:
    registries = [
        name_of(path)
        for path in python_files(*ROOMS)
        if re.search(r"^_registry\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert registries == ["projects/metrics.py", "communications/audiences.py"]


def test_the_ports_are_filled_by_the_rooms_that_own_the_figures() -> None:
    metric_rooms = {
        key: metric.read.__module__.split(".")[0] for key, metric in metrics.registered().items()
    }
    assert metric_rooms == {
        "steps_done": "projects",
        "switched": "cohorts",
        "verified": "cohorts",
        "cohort_people": "cohorts",
        "people_without_address": "cohorts",
        "open_blockers": "cohorts",
        "previous_verified": "cohorts",
        "told": "communications",
        "messages_sent": "communications",
        "survey_agree": "surveys",
        "survey_nps": "surveys",
        "survey_response_rate": "surveys",
    }
    audience_rooms = {
        kind: type(audiences.get(kind)).__module__.split(".")[0] for kind in audiences.kinds()
    }
    assert audience_rooms == {
        "channels": "communications",
        "cohort": "communications",
        "everyone": "communications",
        "stakeholders": "communications",
        "it_staff": "communications",
        "moved": "communications",
        "told": "communications",
        "survey_invited": "surveys",
        "survey_unanswered": "surveys",
    }


def test_files_stay_small() -> None:
    limits = dict.fromkeys((*ROOMS, "upgrade_tracker", "benchmarks"), 400) | {"tests": 500}
    crowded = [
        f"{name_of(path)}: {lines_of(path)} lines"
        for folder, limit in limits.items()
        for path in python_files(folder)
        if lines_of(path) > limit
    ]
    crowded += [
        f"{name_of(path)}: {lines_of(path)} lines"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if lines_of(path) > 150
    ]
    assert crowded == []


def test_functions_stay_small() -> None:
    long = []
    for path in python_files(*ROOMS, "upgrade_tracker", "benchmarks", "tests"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 40:
                    long.append(f"{name_of(path)}: {node.name} has {length} lines")
    assert long == []


def test_no_python_names_what_belongs_to_a_playbook() -> None:
    words: set[str] = set()
    for playbook in map(get_playbook, list_playbooks()):
        words |= {playbook.product_from, playbook.product_to}
        words |= {step.key for stage in playbook.stages for p in stage.phases for step in p.steps}
        for mode in playbook.modes:
            words |= {mode.key, mode.policy_name, mode.title}
    pattern = re.compile(
        "|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in sorted(words) if word)
    )
    named = [
        f"{name_of(path)}: {match.group()}"
        for path in python_files(*ROOMS, "upgrade_tracker", "benchmarks")
        if (match := pattern.search(path.read_text(encoding="utf-8")))
    ]
    assert named == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert out.getvalue().strip() == "No changes detected"


def test_every_command_is_in_the_runbook() -> None:
    ours = {name for name, app in get_commands().items() if app in ROOMS}
    runbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {name for name in ours if f"`{name}" not in runbook} == set()


def environment_names() -> set[str]:
    """Names that settings.py reads from the environment."""
    text = (ROOT / "upgrade_tracker" / "settings.py").read_text(encoding="utf-8")
    text += (ROOT / "upgrade_tracker" / "logs.py").read_text(encoding="utf-8")
    return set(re.findall(r"""env(?:iron\.get|\.\w+)\(\s*"([A-Z_]+)\"""", text))


def test_every_setting_is_in_the_example_and_the_runbook() -> None:
    names = environment_names()
    assert {"DATABASE_URL", "SECRET_KEY", "LOG_LEVEL"} <= names
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    runbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {name for name in names if name not in example} == set()
    assert {name for name in names if f"`{name}`" not in runbook} == set()


def test_the_glossary_is_kept() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    nouns = "playbook project phase step stakeholder goal measurement cohort participant mode"
    nouns += " message occurrence delivery survey invitation response"
    assert [noun for noun in nouns.split() if f"**{noun}**" not in glossary] == []
