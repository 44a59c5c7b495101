"""Who may do what: one row for every URL name. A name without a row fails test_permissions.py.

A row says with which arguments the address is made and, for GET and POST, the status each persona
gets, in this order:

    anonymous  stranger  viewer  contributor  manager  admin

``arguments`` gets the project of the personas (stranger has no part in it), makes what the address
needs and returns the keyword arguments of the URL. ``data`` is what the POST carries; without it a
permitted POST is usually an invalid form (422). Each room keeps its rows in a file of its own.
"""

from tests.permissions.accounts import ACCOUNTS, FRAME
from tests.permissions.cases import CASES
from tests.permissions.cohorts import COHORTS
from tests.permissions.communications import COMMUNICATIONS, MAIL, MAILBOX, UNSUBSCRIBE
from tests.permissions.my_upgrade import MY_UPGRADE
from tests.permissions.projects import PROJECTS
from tests.permissions.rollout import ACROSS_ROOMS
from tests.permissions.rows import PERSONAS, Row
from tests.permissions.surveys import PUBLIC_SURVEY, SURVEYS

ROWS: dict[str, Row] = {
    **PROJECTS,
    **COHORTS,
    **CASES,
    **COMMUNICATIONS,
    **SURVEYS,
    **PUBLIC_SURVEY,
    **MY_UPGRADE,
    **MAIL,
    **MAILBOX,
    **UNSUBSCRIBE,
    **ACROSS_ROOMS,
    **ACCOUNTS,
    **FRAME,
}

# ---- addresses with thousands of names of their own: one row for all below a prefix
PREFIXES = {"admin": "302  302  302  302  302  200"}

__all__ = ["PERSONAS", "PREFIXES", "ROWS", "Row"]
