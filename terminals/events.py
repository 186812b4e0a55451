"""Server-sent events as a stream of lines carries them (HTML Standard, section 9.2.6)."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import NamedTuple


class Event(NamedTuple):
    """One event: its name (`message` where none was said) and its data, lines joined."""

    name: str
    data: str


async def events(lines: AsyncIterable[str]) -> AsyncIterator[Event]:
    """The events in a stream; comments and an event that the end has cut off are left out."""
    name, data = "", list[str]()
    async for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Event(name or "message", "\n".join(data))
            name, data = "", []
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
