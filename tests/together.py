"""Which tests one of several pytest processes runs together: those of tests/e2e share one site.

xdist has a mark for this (`--dist loadgroup`), but it writes the group into an attribute that this
version of pytest does not read, and says nothing about it.
"""

from xdist.scheduler import LoadScopeScheduling

FOLDER = "tests/e2e/"


class Together(LoadScopeScheduling):
    """One folder as one piece of work, begun first for it takes longest; all others one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return FOLDER if nodeid.startswith(FOLDER) else nodeid
