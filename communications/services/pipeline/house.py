"""Everything a worker does between two batches: reap, plan, expand, finish."""

from communications.services.pipeline import clock
from communications.services.pipeline.expand import expand_all
from communications.services.pipeline.finish import finish_all
from communications.services.pipeline.plan import mark_missed, start_due
from communications.services.pipeline.reap import reap


def keep_house() -> bool:
    """Each step once, by the database's clock; True where something moved."""
    at = clock.database_now()
    moved = [reap(), mark_missed(at), start_due(at), expand_all(at), finish_all(at)]
    return any(moved)
