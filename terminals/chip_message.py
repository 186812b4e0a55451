"""What a terminal and the service say to each other while the service itself talks to the card at that terminal.

One JSON object a WebSocket text message, strict as those of a desk (`cards.desk.message`), whose `apdu` and `resp` are
used here as well. The terminal begins with `ask`; in between lists of commands go to the card; `told` ends it.
"""

from dataclasses import dataclass
from typing import ClassVar

from cards.desk import message
from cards.desk.fields import NUMBER, TEXT, content
from cards.desk.message import Commands, Responses

PATH = "/terminal/v1/chip"
TAP, LOAD = "tap", "load"
"""What may be asked for."""
MOST_CHARACTERS = 65_536
"""Characters in one message."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Decide a tap of the card here, or put units on it; `body` is the request as JSON text, kept to be repeated.

    For a tap it is the body of POST /v1/validations, with a card of tier 3.
    """

    type: ClassVar[str] = "ask"
    what: str = content(TEXT)
    body: str = content(TEXT)


@dataclass(frozen=True, slots=True)
class Told:
    """The answer: an HTTP status and the content that would go with it."""

    type: ClassVar[str] = "told"
    status: int = content(NUMBER)
    body: str = content(TEXT)


FromTerminal = Ask | Responses
ToTerminal = Commands | Told


def read_from_terminal(text: str | bytes) -> FromTerminal:
    """The message of a terminal.

    Raises:
        DeskMessageUnreadable
    """
    found: FromTerminal = message.read(text, (Ask, Responses))
    return found


def read_from_service(text: str | bytes) -> ToTerminal:
    """The message of the service.

    Raises:
        DeskMessageUnreadable
    """
    found: ToTerminal = message.read(text, (Commands, Told))
    return found
