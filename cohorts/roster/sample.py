"""The sample roster people download: every column, three invented people."""

from collections.abc import Iterator

from cohorts.roster.columns import EXPORT_NAMES

SAMPLE_HEADER = tuple(EXPORT_NAMES.values())
_PEOPLE = (
    ("anna.amsel", "Anna Amsel", "Finance", "Hamburg", "Germany", "DE", "de-DE", "Europe/Berlin"),
    ("bo.berg", "Bo Berg", "Sales", "Malmö", "Sweden", "SE", "sv-SE", "Europe/Stockholm"),
    ("cleo.clark", "Cleo Clark", "IT", "Leeds", "United Kingdom", "GB", "en-GB", "Europe/London"),
)


def sample_rows() -> Iterator[tuple[str, ...]]:
    """In the order of SAMPLE_HEADER."""
    for number, (account, name, department, office, country, place, language, zone) in enumerate(
        _PEOPLE, start=1
    ):
        address = f"{account}@example.org"
        object_id = f"00000000-0000-0000-0000-{number:012}"
        facts = (department, office, country, place, language, "dora.director@example.org", zone)
        yield (address, address, name, object_id, f"sip:{address}", *facts)
