"""What is told, when, and to whom it went. The Delivery rows are the queue and the ledger."""

from communications.models.bounce import Bounce
from communications.models.counts import DeliveryCount
from communications.models.delivery import Delivery, Suppression
from communications.models.message import ApprovedAudience, Message, Occurrence
from communications.models.rules import SendingRules, Unsubscription
from communications.models.sender import Sender, SendSwitch
from communications.models.teams import TeamsChannel
from communications.models.variant import MessageVariant

__all__ = [
    "ApprovedAudience",
    "Bounce",
    "Delivery",
    "DeliveryCount",
    "Message",
    "MessageVariant",
    "Occurrence",
    "SendSwitch",
    "Sender",
    "SendingRules",
    "Suppression",
    "TeamsChannel",
    "Unsubscription",
]
