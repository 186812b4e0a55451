"""Server-sent events, as the standard's own examples have them."""

from collections.abc import AsyncIterator

import pytest

from terminals.events import Event, events


async def _lines(text: str) -> AsyncIterator[str]:
    for line in text.split("\n"):
        yield line


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", [Event("message", "YHOO\n+2\n10")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n",
            [("message", "first event"), ("message", "second event")],
        ),
        ("event: delta\nid: 4\ndata: AAAA\n\n", [("delta", "AAAA")]),
        ("event: delta\n\ndata: x\n\n", [("message", "x")]),
        ("data: whole\n\ndata: cut off", [("message", "whole")]),
        (": still here\n\n", []),
    ],
)
async def test_a_stream_is_read_as_the_standard_says(text: str, found: list[tuple[str, str]]) -> None:
    assert [event async for event in events(_lines(text))] == found
