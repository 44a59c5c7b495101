"""The names that texts of messages may hold in braces, and where each of them has a value.

An allow-list: whatever else stands in braces is refused when a text is saved or loaded, so a
stored text can never reach an attribute of an object.
"""

import re

PERSON_PLACEHOLDERS = frozenset({"person_name", "project_name", "sender_name", "help_contact"})
COHORT_PLACEHOLDERS = frozenset({"cohort_name", "switch_date", "switch_time", "to_mode_title"})
SURVEY_PLACEHOLDERS = frozenset({"survey_link", "survey_closes"})
# In messages to people who are to be upgraded; stakeholders have no page of their own.
PARTICIPANT_PLACEHOLDERS = frozenset({"my_upgrade_link"})
PLACEHOLDERS = (
    PERSON_PLACEHOLDERS | COHORT_PLACEHOLDERS | SURVEY_PLACEHOLDERS | PARTICIPANT_PLACEHOLDERS
)

SCRIPT_PLACEHOLDERS = frozenset(
    {"people", "policy", "back_policy", "cohort", "operation", "results_file"}
)
SCRIPT_PLACEHOLDER = re.compile(r"<<([^<>\n]*)>>")

# Anything in braces, so that {person.__class__} and {typo} are found and refused, not overlooked.
PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


def names_in(text: str) -> tuple[str, ...]:
    """Every name in braces, in the order of the text, known or not."""
    return tuple(PLACEHOLDER.findall(text))


def missing_names(own: str, other: str) -> tuple[str, ...]:
    """The names of ``own`` that ``other`` does not hold, each once, in the order of ``own``."""
    there = set(names_in(other))
    return tuple(name for name in dict.fromkeys(names_in(own)) if name not in there)


def unknown_names(text: str, allowed: frozenset[str] = PLACEHOLDERS) -> tuple[str, ...]:
    """The names in braces that are not allowed, in the order of the text."""
    return tuple(name for name in names_in(text) if name not in allowed)
