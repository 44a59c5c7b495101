"""What a roster may hold and under which names; longest lengths are those of the database."""

from collections.abc import Mapping, Sequence

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
}


def folded(name: str) -> str:
    """A header name without case, spaces and signs: "User principal name" is userPrincipalName."""
    return "".join(filter(str.isalnum, name.casefold()))


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
