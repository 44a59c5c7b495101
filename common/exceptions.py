"""Refusals that a person can understand. Services raise them, views and commands show them."""

from http import HTTPStatus

from django.utils.functional import Promise


class DomainError(Exception):
    """A rule of the domain said no. ``sentence`` says to the user what to do about it."""

    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class Conflict(DomainError):
    """Somebody or something was faster: what the user saw is no longer how it is."""

    status = HTTPStatus.CONFLICT


class StaleState(Conflict):
    """The status moved between reading and writing, or the move is not in the transition table."""
