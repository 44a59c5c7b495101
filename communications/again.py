"""When an approval no longer holds, because it would reach people nobody has looked at. Pure."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# What an occurrence holds where nobody has approved it.
NO_APPROVAL = dict.fromkeys(
    (
        "approved_by",
        "approved_at",
        "approved_count",
        "approved_revision",
        "approved_due_at",
        "first_approved_by",
    )
)
# So many more are let pass: people join a cohort all the time.
A_FEW = 20
SHARE = 10


def is_much_more(approved: int, people: int) -> bool:
    """More than a tenth, and more than twenty people, on top of what was approved."""
    return people - approved > max(A_FEW, approved // SHARE)


def why_again(
    *, approved: int, people: int, second_above: int | None, is_seconded: bool, is_new_text: bool
) -> str:
    """Why somebody must approve it once more, in one sentence; empty where nobody must.

    ``second_above``: from how many people on two decide; ``is_seconded``: two did.
    """
    words = {"n": _grouped(approved), "people": _grouped(people)}
    if is_much_more(approved, people):
        return _("It was approved for %(n)s people and would now go to %(people)s.") % words
    if second_above is not None and approved <= second_above < people:
        return _("It would now go to %(people)s people, so two must approve it.") % words
    if is_seconded and is_new_text:
        return _("Its text was changed after two people had approved it.")
    return ""


def _grouped(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)
