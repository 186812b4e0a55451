"""The face that each carrier of messages has."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from amis.notifying.content import Content


@dataclass(frozen=True, slots=True, repr=False)
class Outgoing:
    """A message on its way. `to` is an e-mail address, a number of E.164, or the lines of a postal address.

    `id` stays the same when it is carried once more, so that a carrier or a mailbox can tell. `recipient` stands above
    a postal address; `sender` is the municipality's name.
    """

    id: UUID
    to: str
    content: Content
    sender: str
    recipient: str
    language: str
    day: date


class Provider(Protocol):
    """Carries messages one by one; `carry` blocks, so it is called in a thread."""

    def carry(self, outgoing: Outgoing) -> None:
        """Hands the message on.

        Raises:
            Refused, Delayed, Unreachable
        """
