"""The end of a survey is written as the language of the mail writes days."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from surveys.wording import moment_words

AT = datetime(2038, 3, 4, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en-gb", "Thursday 4 March 2038, 23:59 (Europe/Berlin)"),
        ("de", "Donnerstag, 4. März 2038, 23:59 (Europe/Berlin)"),
        ("ja", "2038年3月4日（木曜日）, 23:59 (Europe/Berlin)"),
        ("sw", "Alhamisi, Machi 4, 2038, 23:59 (Europe/Berlin)"),
    ],
)
def test_a_moment_is_written_as_the_language_writes_it(language: str, expected: str) -> None:
    with translation.override(language):
        assert moment_words(AT, "Europe/Berlin") == expected
