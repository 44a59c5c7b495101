"""What a roster may hold and under which names; longest lengths are those of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Our field -> header names, best first, folded by `folded()`: a directory export's, an admin
# centre's, ours. Where a file has two names of one field, the first listed counts.
Names = Mapping[str, tuple[str, ...]]
NAMES: Names = {
    "upn": ("userprincipalname", "upn"),
    "mail": ("mail", "email", "emailaddress", "primarysmtpaddress"),
    "display_name": ("displayname", "name", "fullname"),
    "object_id": ("objectid", "userid", "id"),
    "sip_address": ("sipaddress", "sip"),
    "department": ("department",),
    "office": ("officelocation", "physicaldeliveryofficename", "office"),
    "country": ("country", "countryorregion", "countryregion"),
    "usage_location": ("usagelocation",),
    "language": ("preferredlanguage", "language"),
    "manager": ("manager", "managerupn"),
    "timezone": ("timezone", "ianatimezone"),
}
LIMITS: dict[str, int] = {
    "upn": 254,
    "mail": 254,
    "display_name": 256,
    "object_id": 64,
    "sip_address": 320,
    "department": 256,
    "office": 256,
    "country": 128,
    "usage_location": 16,
    "language": 35,
    "manager": 320,
    "timezone": 64,
}
KEY_FIELDS = ("upn", "mail")
# What the sample file and our own exports call the columns.
EXPORT_NAMES: dict[str, str] = {
    "upn": "userPrincipalName",
    "mail": "mail",
    "display_name": "displayName",
    "object_id": "objectId",
    "sip_address": "sipAddress",
    "department": "department",
    "office": "officeLocation",
    "country": "country",
    "usage_location": "usageLocation",
    "language": "preferredLanguage",
    "manager": "manager",
    "timezone": "timeZone",
}
# What a column can be taken as, beside one of our fields.
KEPT = "*"
LEFT_OUT = ""
# Folded header -> field, KEPT or LEFT_OUT.
Choices = Mapping[str, str]
# The columns of our own file of rejected rows.
OURS = {"line", "reason"}
# Further columns are kept without asking up to so many; an export of everything is not a roster.
MOST_FURTHER = 30
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions in a header: of our fields, in our order, and of the further columns by name."""

    fields: dict[str, int]
    further: dict[str, int]
    unknown: tuple[str, ...]  # names nobody has chosen anything for yet
    is_crowded: bool  # more of them than are kept without asking


def folded(name: str) -> str:
    """A header name without case, spaces and signs: "User principal name" is userPrincipalName."""
    return "".join(filter(str.isalnum, name.casefold()))


def matched_columns(header: Sequence[str], chosen: Choices, names: Names = NAMES) -> Columns:
    """What each column is taken as: what somebody chose, else what its name says, else kept."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        if folded(name):
            places.setdefault(folded(name), place)
    fields = {chosen[name]: place for name, place in places.items() if chosen.get(name) in names}
    open_header = [name if folded(name) not in chosen else "" for name in header]
    fields = {**found_columns(open_header, names), **fields}
    known = {name for accepted in names.values() for name in accepted}
    rest = {name: at for name, at in places.items() if name not in chosen and name not in known}
    unknown = [at for name, at in rest.items() if name not in OURS]
    kept = [at for name, at in places.items() if chosen.get(name) == KEPT]
    is_crowded = bool(unknown) and len(kept) + len(unknown) > MOST_FURTHER
    further = sorted(kept if is_crowded else [*kept, *unknown])
    return Columns(
        fields={field: fields[field] for field in names if field in fields},
        further={shown_name(header[place]): place for place in further},
        unknown=tuple(header[place] for place in sorted(unknown)),
        is_crowded=is_crowded,
    )


def shown_name(name: str) -> str:
    """The name of a further column as it is stored: printable and short."""
    return "".join(ch if ch.isprintable() else " " for ch in name).strip()[:LONGEST_NAME].strip()


def clashing_field(header: Sequence[str], chosen: Choices) -> str:
    """A field that two columns of ``header`` were chosen for; empty if there is none."""
    taken = [chosen[name] for name in {*map(folded, header)} if chosen.get(name)]
    return next((field for field in taken if field != KEPT and taken.count(field) > 1), "")


def found_columns(header: Sequence[str], names: Names = NAMES) -> dict[str, int]:
    """Our field -> its position in ``header``, in our order. Unknown columns are left out."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        places.setdefault(folded(name), place)
    found: dict[str, int] = {}
    for field, accepted in names.items():
        known = [places[name] for name in accepted if name in places]
        if known:
            found[field] = known[0]
    return found


def repeated_columns(header: Sequence[str], names: Names = NAMES) -> list[str]:
    """Known names that stand twice in ``header``: nobody can tell which of the two is meant."""
    known = {name for accepted in names.values() for name in accepted}
    given = [folded(name) for name in header]
    return sorted({name for name in given if name in known and given.count(name) > 1})
