"""Why a message cannot be written, ordered or rendered, in sentences for the person who tried."""

from common.exceptions import DomainError


class ContentRefused(DomainError):
    """The text of a message cannot be kept as it is: a placeholder nobody fills, a line break."""


class OrderRefused(DomainError):
    """The message cannot go to these people, or not now."""


class RenderError(DomainError):
    """This one person's mail cannot be built; the others are not touched by it."""


class AddressRefused(DomainError):
    """No mail server takes this address as it is written."""


class OutboxRefused(DomainError):
    """There is no such mail to decide about, or it was decided already."""


class SuppressionRefused(DomainError):
    """The address cannot be stopped like this."""


class RulesRefused(DomainError):
    """Sending rules that contradict each other."""


class ChannelRefused(DomainError):
    """The Teams channel cannot be kept, posted to or taken away like this."""


class ItemRefused(DomainError):
    """What cannot be ticked off: it is not an item, or it was decided already."""
