"""Scripts for an administrator, and the word of a person that they have run.

No key to anybody's tenant is held here: a script is a text that somebody carries away. Making it
notes who stands in it; granted are people only when results come back or somebody says so.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts import powershell
from cohorts.enums import CohortStatus, ModeRecordKind, ModeSource, ModeState
from cohorts.exceptions import ModeError
from cohorts.models import Cohort, Membership, ModeRecord
from cohorts.modes.plan import ModePlan
from cohorts.modes.scripts import Choice, Chosen, Skipped
from cohorts.queries.gates import closed_gate
from cohorts.queries.modes import candidates_of, not_run_yet
from cohorts.services.verification import one_at_a_time
from common.export import csv_lines
from playbooks.modes import ModeMethod
from playbooks.schema import Mode
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

Sink = Callable[[str, bytes], None]
HEADER = ("UserPrincipalName", "Identity", "DisplayName")
SKIPPED_HEADER = ("UserPrincipalName", "DisplayName", "Reason")


@dataclass(frozen=True, slots=True)
class WrittenFile:
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptExport:
    """``batches`` files of each script; ``people`` stand in them, each once.

    ``gate`` is what ``closed_gate`` says: a closed go/no-go stops no export, and is written down.
    """

    method: str
    people: int
    batches: int
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]
    files: tuple[WrittenFile, ...]
    gate: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``; ``gate`` only while it is closed."""
        return {
            **self.gate,
            "method": self.method,
            "people": self.people,
            "batches": self.batches,
            "skipped": [{"person": row.person, "reason": row.reason} for row in self.skipped],
            "warnings": list(self.warnings),
            "files": [{"name": file.name, "sha256": file.sha256} for file in self.files],
        }


@transaction.atomic
def export_scripts(
    *, cohort: Cohort, method: str, sink: Sink, acting_user: "User | None", at: datetime
) -> ScriptExport:
    """Hand each file (name, bytes) of the cohort's scripts to ``sink``, one after the other.

    ``method`` is a key of the playbook, empty for its first. Raises ModeError where the playbook
    has no such scripts or nobody is to be granted; what the sink got is worth nothing then.
    """
    require_open(cohort.project)
    one_at_a_time(cohort.project)
    cohort = _alive(cohort)
    plan = ModePlan.of(cohort.project.playbook_snapshot)
    export = _Export(cohort, plan, _method(plan, method), sink, at)
    export.write()
    result = export.result(closed_gate(cohort, at))
    _record(cohort, result, acting_user)
    return result


@transaction.atomic
def confirm_run(*, cohort: Cohort, acting_user: "User | None", at: datetime) -> int:
    """Somebody says that the scripts have run: who stands in them is granted from ``at`` on.

    Returns how many people. Raises ModeError where nobody stands in a script that has not run.
    """
    require_open(cohort.project)
    one_at_a_time(cohort.project)
    ids = list(
        not_run_yet(cohort)
        .order_by("participant_id")
        .select_for_update(of=("self",))
        .values_list("pk", "participant_id")
    )
    if not ids:
        raise ModeError(
            _("Nobody of “%(name)s” stands in a script that has not run. Make the scripts first.")
            % {"name": cohort.name}
        )
    _grant(cohort, ids, at)
    events.record(
        project=cohort.project,
        verb="modes.granted",
        sentence=ngettext(
            "The script for “%(name)s” has run: %(n)s person granted.",
            "The scripts for “%(name)s” have run: %(n)s people granted.",
            len(ids),
        )
        % {"name": cohort.name, "n": len(ids)},
        acting_user=acting_user,
        subject=cohort,
        data={"people": len(ids)},
    )
    return len(ids)


def _grant(cohort: Cohort, ids: list[tuple[int, int]], at: datetime) -> None:
    """``ids``: membership and participant."""
    rows = Membership.objects.filter(pk__in=[pk for pk, _person in ids])
    rows.update(mode_state=ModeState.GRANTED, granted_at=at)
    lines = (
        ModeRecord(
            participant_id=person,
            cohort=cohort,
            kind=ModeRecordKind.GRANTED,
            mode=cohort.to_mode,
            source=ModeSource.SCRIPT,
            at=at,
        )
        for _pk, person in ids
    )
    ModeRecord.objects.bulk_create(lines, batch_size=2000)


class _Export:
    """One export: chooses people in batches, fills the texts, notes what was written."""

    def __init__(
        self, cohort: Cohort, plan: ModePlan, method: ModeMethod, sink: Sink, at: datetime
    ) -> None:
        self._cohort, self._method, self._sink, self._at = cohort, method, sink, at
        self._scripts = plan.scripts_of(method)
        self._target = _mode(plan, cohort.to_mode)
        self._start = _mode(plan, cohort.from_mode)
        self._choice = Choice(method.identity, at)
        self._files: list[WrittenFile] = []
        self._people = self._batches = 0

    def write(self) -> None:
        chosen = self._choice.of(candidates_of(self._cohort))
        while batch := list(islice(chosen, self._method.people_per_file)):
            self._people += len(batch)
            self._batches += 1
            self._write_batch(batch)
            # In the order of people, so that this and other writers never wait in a circle.
            ids = [one.membership for one in batch]
            Membership.objects.filter(pk__in=ids).update(exported_at=self._at)
        if not self._people:
            raise ModeError(self._nobody())
        if self._choice.skipped:
            rows = ((row.person, row.name, row.reason) for row in self._choice.skipped)
            self._add("skipped.csv", "".join(csv_lines(SKIPPED_HEADER, rows)).encode())

    def result(self, gate: Mapping[str, str]) -> ScriptExport:
        return ScriptExport(
            method=self._method.key,
            people=self._people,
            batches=self._batches,
            skipped=tuple(self._choice.skipped),
            warnings=tuple(self._warnings()),
            files=tuple(self._files),
            gate=gate,
        )

    def _write_batch(self, batch: list[Chosen]) -> None:
        number = f"{self._batches:03}"
        people = powershell.rows(one.as_record() for one in batch)
        operation = f"{self._cohort.project.slug} {self._cohort.name} {number}"
        for script in self._scripts:
            values = {
                "people": people,
                "policy": powershell.literal(self._target.policy_name),
                "back_policy": powershell.literal(self._start.policy_name),
                "cohort": powershell.literal(self._cohort.name),
                "operation": powershell.literal(operation),
                "results_file": powershell.literal(f"results-{script.key}-{number}.csv"),
            }
            text = powershell.fill(script.text, values)
            self._add(f"{script.key}-{number}.ps1", powershell.encoded(text))
        rows = ((one.upn, one.identity, one.name) for one in batch)
        self._add(f"people-{number}.csv", "".join(csv_lines(HEADER, rows)).encode())

    def _add(self, name: str, content: bytes) -> None:
        self._sink(name, content)
        self._files.append(WrittenFile(name, hashlib.sha256(content).hexdigest()))

    def _warnings(self) -> Iterator[str]:
        if self._choice.recent:
            yield ngettext(
                "%(n)s person stood in a script less than 30 minutes ago. Grant nobody twice in"
                " that time: wait before you run this one.",
                "%(n)s people stood in a script less than 30 minutes ago. Grant nobody twice in"
                " that time: wait before you run this one.",
                self._choice.recent,
            ) % {"n": self._choice.recent}

    def _nobody(self) -> str:
        if not self._choice.skipped:
            return _("Nobody is in “%(name)s” yet. Put people into it first.") % {
                "name": self._cohort.name
            }
        first = self._choice.skipped[0]
        return _("Nobody of “%(name)s” is to be granted: %(person)s, for one, %(reason)s.") % {
            "name": self._cohort.name,
            "person": first.person,
            "reason": first.reason,
        }


def _alive(cohort: Cohort) -> Cohort:
    locked = lock_row(cohort)
    if locked.status == CohortStatus.CANCELLED:
        raise ModeError(
            _("“%(name)s” is cancelled, so there is nothing to grant.") % {"name": locked.name}
        )
    locked.project = cohort.project
    return locked


def _method(plan: ModePlan, key: str) -> ModeMethod:
    if not plan.mode_methods:
        raise ModeError(
            _(
                "The playbook of this project brings no scripts. Change the modes with your own"
                " tools."
            )
        )
    method = plan.method(key) if key else plan.mode_methods[0]
    if method is None:
        raise ModeError(
            _("There is no method “%(key)s”. Choose one of: %(keys)s.")
            % {"key": key, "keys": ", ".join(one.key for one in plan.mode_methods)}
        )
    return method


def _mode(plan: ModePlan, key: str) -> Mode:
    mode = plan.mode(key)
    if mode is None:
        raise ModeError(
            _("The playbook of this project has no mode “%(mode)s”, so no policy is known for it.")
            % {"mode": key}
        )
    return mode


def _record(cohort: Cohort, result: ScriptExport, acting_user: "User | None") -> None:
    events.record(
        project=cohort.project,
        verb="modes.exported",
        sentence=ngettext(
            "Script made for “%(name)s”: %(n)s person.",
            "Scripts made for “%(name)s”: %(n)s people.",
            result.people,
        )
        % {"name": cohort.name, "n": result.people},
        acting_user=acting_user,
        subject=cohort,
        data={
            "method": result.method,
            "people": result.people,
            "batches": result.batches,
            "skipped": len(result.skipped),
            "files": {file.name: file.sha256 for file in result.files},
            **result.gate,
        },
    )
