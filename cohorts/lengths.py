"""How many characters a person may write into requests, problems and the answers to them."""

MOST_WORDS = 2000
MOST_NOTE = 500
