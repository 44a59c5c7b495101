"""Some 400 invented people of an invented utility, the same ones every time."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass

DOMAIN = "demo.example"  # the launcher holds this domain back from real mail servers
FIRST = [
    "Aïcha",
    "Anna",
    "Ayşe",
    "Beate",
    "Björn",
    "Carmen",
    "Chloé",
    "Dagmar",
    "Emeka",
    "Elif",
    "Ewan",
    "Fatima",
    "Franziska",
    "Gabriel",
    "Giulia",
    "Hannah",
    "Henrik",
    "Ingrid",
    "Ivana",
    "Jan",
    "Jörg",
    "Joanna",
    "Katrin",
    "Kofi",
    "Lars",
    "Lena",
    "Lucía",
    "Magnus",
    "Maja",
    "Marek",
    "Mehmet",
    "Nadia",
    "Nils",
    "Olivia",
    "Pavel",
    "Petra",
    "Priya",
    "Rafael",
    "Rosa",
    "Sabine",
    "Samir",
    "Sofie",
    "Sven",
    "Tamara",
    "Thea",
    "Tomasz",
    "Ulrike",
    "Viktor",
    "Wiebke",
    "Yusuf",
    "Zoë",
]
LAST = [
    "Albrecht",
    "Amsel",
    "Bakker",
    "Becker",
    "Brandt",
    "Çelik",
    "Dąbrowski",
    "Demir",
    "Diallo",
    "Eriksen",
    "Ferreira",
    "Fischer",
    "Fraser",
    "García",
    "Grabowski",
    "Hansen",
    "Hoffmann",
    "Ibrahim",
    "Jansen",
    "Jensen",
    "Kaya",
    "Keller",
    "Kowalski",
    "Krüger",
    "Larsson",
    "Lindqvist",
    "Lüders",
    "Martins",
    "Meyer",
    "Müller",
    "Nowak",
    "Okafor",
    "Osterloh",
    "Petersen",
    "Reuter",
    "Richter",
    "Rossi",
    "Santos",
    "Schäfer",
    "Schmidt",
    "Sørensen",
    "Stein",
    "Şahin",
    "Thomsen",
    "Vogt",
    "Wagner",
    "Weiß",
    "Wójcik",
    "Yılmaz",
    "Zimmermann",
]


@dataclass(frozen=True, slots=True)
class Team:
    """``cohort`` is the position of the cohort the team upgrades with (0 is the pilot)."""

    department: str
    office: str
    country: str
    people: int
    cohort: int


TEAMS = (
    Team("IT", "Hamburg", "DE", 34, 0),
    Team("Training", "Hamburg", "DE", 8, 0),
    Team("Administration", "Hamburg", "DE", 52, 1),
    Team("Finance", "Kiel", "DE", 45, 1),
    Team("Network and Engineering", "Rostock", "DE", 64, 2),
    Team("Operations control", "Kiel", "DE", 38, 2),
    Team("Offshore", "Esbjerg", "DK", 46, 3),
    Team("Harbour services", "Aberdeen", "GB", 43, 3),
    Team("Sales and Service", "Rostock", "DE", 72, 4),
)


ZONES = {"DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "GB": "Europe/London"}


LANGUAGES = {"DE": "de-DE", "DK": "da-DK", "GB": "en-GB"}


def roster(team: Team, seed: int = 7) -> bytes:
    """The team as a CSV file with the headers of a directory export, UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            *("userPrincipalName", "displayName", "mail", "department", "officeLocation"),
            *("country", "timeZone", "preferredLanguage", "Cost centre"),
        ]
    )
    cost_centre = 4000 + 10 * TEAMS.index(team)
    for first, last, account in _people(team, seed):
        address = f"{account}@{DOMAIN}"
        name = f"{first} {last}"
        place = (team.department, team.office, team.country, ZONES[team.country])
        writer.writerow([address, name, address, *place, LANGUAGES[team.country], cost_centre])
    return out.getvalue().encode()


def _people(team: Team, seed: int) -> Iterator[tuple[str, str, str]]:
    """Name and account; the account carries the team's number so that no two teams share one."""
    dice = random.Random(f"{seed}-{team.department}-{team.office}")  # noqa: S311 - invented names
    for number in range(team.people):
        first, last = dice.choice(FIRST), dice.choice(LAST)
        yield first, last, f"{_plain(first)}.{_plain(last)}.{TEAMS.index(team)}{number:02d}"


def _plain(name: str) -> str:
    letters = str.maketrans(
        {
            "ä": "ae",
            "ö": "oe",
            "ü": "ue",
            "ß": "ss",
            "ø": "o",
            "ş": "s",
            "ç": "c",
            "ı": "i",
            "é": "e",
            "ë": "e",
            "ï": "i",
            "í": "i",
            "ą": "a",
            "ó": "o",
        }
    )
    return name.casefold().translate(letters)
