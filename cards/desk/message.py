"""What a desk and the service say to each other: one JSON object a WebSocket text message, `type` names which.

From the desk: `hello` (also when its readers change), `card`, `resp`, `printed`. From the service: `op.begin` (sent
again it takes the reader anew), `apdu`, `op.end`, `print`. Instructions and answers of cards travel in hexadecimal.
Strict: a field too many, too few or of another kind makes the message unreadable.
"""

import json
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar

from cards.desk.fields import BASE64, FLAG, HEX, NUMBER, TEXT, content, listed, optional
from cards.errors import CardsError, DeskMessageUnreadable, ReaderError

VERSION = 1
MOST_CHARACTERS = 8 * 1024 * 1024
"""Characters in one message: a printed page is the largest."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The desk is there, with these readers; what lay on others is gone with them.

    `problem`: the code of a cards.errors.ReaderError that stops all its readers.
    """

    type: ClassVar[str] = "hello"
    agent: str = content(TEXT)
    readers: tuple[str, ...] = content(listed(TEXT))
    printer: str = content(TEXT, "")
    problem: str | None = content(optional(TEXT), None)
    v: int = content(NUMBER, VERSION)


@dataclass(frozen=True, slots=True)
class Card:
    """A card came onto a reader or left it. `uid` is empty where the card did not tell it."""

    type: ClassVar[str] = "card"
    reader: str = content(TEXT)
    atr: bytes = content(HEX)
    uid: bytes = content(HEX)
    present: bool = content(FLAG)


@dataclass(frozen=True, slots=True)
class Responses:
    """The answers to one list, status words included, in its order.

    `stopped_at`: the index of the last command that was sent, when its answer was not the expected one.
    `pcsc_error`: the `code` of the error that ended the list; the answers before it are there.
    """

    type: ClassVar[str] = "resp"
    op: str = content(TEXT)
    seq: int = content(NUMBER)
    r: tuple[bytes, ...] = content(listed(HEX))
    stopped_at: int | None = content(optional(NUMBER), None)
    pcsc_error: str | None = content(optional(TEXT), None)

    def raise_error(self) -> None:
        """Raises what ended the list at the desk.

        Raises:
            ReaderError
        """
        if self.pcsc_error is not None:
            raise _errors(ReaderError).get(self.pcsc_error, ReaderError)(self.pcsc_error)


@dataclass(frozen=True, slots=True)
class Printed:
    """A print job was handed to the printer, or `error` says why not."""

    type: ClassVar[str] = "printed"
    job: str = content(TEXT)
    error: str | None = content(optional(TEXT), None)


@dataclass(frozen=True, slots=True)
class Begin:
    """The service takes a reader for an operation."""

    type: ClassVar[str] = "op.begin"
    op: str = content(TEXT)
    reader: str = content(TEXT)
    kind: str = content(TEXT)


@dataclass(frozen=True, slots=True)
class Commands:
    """A list for the card: it goes on while each answer begins with its `expect` (None: whatever comes)."""

    type: ClassVar[str] = "apdu"
    op: str = content(TEXT)
    seq: int = content(NUMBER)
    cmds: tuple[bytes, ...] = content(listed(HEX))
    expect: tuple[bytes | None, ...] = content(listed(optional(HEX)))

    def __post_init__(self) -> None:
        if len(self.cmds) != len(self.expect):
            raise ValueError("as many expectations as commands")


@dataclass(frozen=True, slots=True)
class End:
    """The operation is over; the reader is free again. `outcome`: done | failed | stopped | waiting."""

    type: ClassVar[str] = "op.end"
    op: str = content(TEXT)
    outcome: str = content(TEXT)
    message: str = content(TEXT, "")


@dataclass(frozen=True, slots=True)
class Print:
    """A PDF for the desk's printer."""

    type: ClassVar[str] = "print"
    job: str = content(TEXT)
    pdf: bytes = content(BASE64)


FromDesk = Hello | Card | Responses | Printed
FromService = Begin | Commands | End | Print


def write(message: Any) -> str:
    """The message as JSON text."""
    said = {"type": message.type}
    said |= {part.name: part.metadata["kind"].write(getattr(message, part.name)) for part in fields(message)}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


def read_from_desk(text: str | bytes) -> FromDesk:
    """The message of a desk.

    Raises:
        DeskMessageUnreadable
    """
    message: FromDesk = read(text, (Hello, Card, Responses, Printed))
    if isinstance(message, Hello) and message.v != VERSION:
        raise DeskMessageUnreadable(f"version {message.v}, not {VERSION}")
    return message


def read_from_service(text: str | bytes) -> FromService:
    """The message of the service.

    Raises:
        DeskMessageUnreadable
    """
    message: FromService = read(text, (Begin, Commands, End, Print))
    return message


def read(text: str | bytes, kinds: Sequence[Any]) -> Any:
    """A message of one of these kinds.

    Raises:
        DeskMessageUnreadable
    """
    if not isinstance(text, str):
        raise DeskMessageUnreadable("binary")
    try:
        said = json.loads(text)
        name = said.pop("type")
        kind = next(kind for kind in kinds if kind.type == name)
        given = {part.name: part.metadata["kind"].read(said.pop(part.name)) for part in _given(kind, said)}
        if said:
            raise ValueError("unknown fields")
        return kind(**given)
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError) as error:
        raise DeskMessageUnreadable(type(error).__name__) from error


def _given(kind: Any, said: dict[str, Any]) -> list[Any]:
    return [part for part in fields(kind) if part.name in said or part.default is MISSING]


def _errors(kind: type[CardsError]) -> dict[str, type[CardsError]]:
    found = {kind.code: kind}
    for below in kind.__subclasses__():
        found |= _errors(below)
    return found
