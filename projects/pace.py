"""How a plan gives way to an early target: preparation shrinks, people do not.

Pure. Only the time before the pilot and the time between pilot and first wave are shortened, by at
most half and by whole weeks, so that nobody switches on a weekend who did not before; the pilot,
the distance between waves and the time after a switch stay as they are.
"""

from dataclasses import dataclass

from playbooks.schema import CohortRecipe, ProjectAnchor

WEEK = 7


@dataclass(frozen=True, slots=True)
class Pace:
    """Days of the two elastic stretches, as the playbook has them and as this plan has them."""

    typical_lead: int
    typical_gap: int
    lead: int
    gap: int

    @property
    def saved_days(self) -> int:
        return self.typical_lead + self.typical_gap - self.lead - self.gap

    def scaled(self, anchor: ProjectAnchor, offset: int, length: int) -> tuple[int, int]:
        """Offset and length of a piece of work in days, shortened where it lies in a stretch."""
        share = self._share(anchor, offset)
        if share == 1 or offset < 0 < offset + length:
            return offset, length
        return round(offset * share), max(1, round(length * share))

    def _share(self, anchor: ProjectAnchor, offset: int) -> float:
        in_lead = anchor == "project_start" or (anchor == "pilot_start" and offset < 0)
        in_gap = (anchor == "pilot_end" and offset >= 0) or (
            anchor == "first_switch" and offset < 0
        )
        if in_lead and self.typical_lead > 0:
            return self.lead / self.typical_lead
        if in_gap and self.typical_gap > 0:
            return self.gap / self.typical_gap
        return 1


def typical(recipe: CohortRecipe) -> Pace:
    """The playbook's own pace."""
    lead, gap = recipe.pilot.start_offset_days, recipe.first_wave_offset_days
    return Pace(typical_lead=lead, typical_gap=gap, lead=lead, gap=gap)


def hurried(recipe: CohortRecipe, days: int) -> Pace:
    """The pace that saves ``days``, rounded up to weeks, or as many weeks as can be saved."""
    pace = typical(recipe)
    spare_lead, spare_gap = _weeks(pace.lead // 2), _weeks(pace.gap // 2)
    saving = min(_weeks(days + WEEK - 1), spare_lead + spare_gap)
    if saving <= 0:
        return pace
    from_gap = _weeks(saving * spare_gap // (spare_lead + spare_gap))
    from_lead = min(spare_lead, saving - from_gap)
    from_gap = saving - from_lead
    return Pace(
        typical_lead=pace.lead,
        typical_gap=pace.gap,
        lead=pace.lead - from_lead,
        gap=pace.gap - from_gap,
    )


def _weeks(days: int) -> int:
    """Days of the whole weeks in ``days``, none for a negative number."""
    return max(days, 0) // WEEK * WEEK
