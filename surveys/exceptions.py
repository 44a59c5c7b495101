"""Why a survey says no. Each carries a sentence for the person who is answering or opening it."""

from common.exceptions import Conflict, DomainError


class AlreadyAnswered(Conflict):
    """This person's answers are in; a second set is not taken."""


class SurveyNotOpen(Conflict):
    """The survey has not opened yet, or it closed before the person began."""


class NobodyToAsk(DomainError):
    """The cohort has no people, so opening would ask nobody."""


class WordingLocked(Conflict):
    """Questions that people have been asked stay as they were asked."""
