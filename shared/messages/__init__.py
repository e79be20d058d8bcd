"""The typed messages that services exchange: the only thing they share. pydantic only."""

from shared.messages.base import Message, Repo, Value, authority
from shared.messages.catalogue import CATALOGUE, of_topic, read, said_when
from shared.messages.envelope import Envelope

__all__ = [
    "CATALOGUE",
    "Envelope",
    "Message",
    "Repo",
    "Value",
    "authority",
    "of_topic",
    "read",
    "said_when",
]
