from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.errors import AnswerUnreadable, CursorTooOld, CursorUnreadable, FeedGap, RequestRefused
from sync.feed import Cursor, FeedClient
from tests.sync.machine_door import Laid, door, problem


def answer(*seqs: int, head: int | None = None) -> httpx.Response:
    entries = [
        {"seq": seq, "id": f"e{seq}", "topic": "token.active", "subject": "p1", "at": "2026-03-10T08:00:00+00:00"}
        for seq in seqs
    ]
    last = seqs[-1] if seqs else 4
    return httpx.Response(200, json={"entries": entries, "next": last, "head": head or last})


def feed(*answers: httpx.Response, topics: tuple[str, ...] = ()) -> tuple[FeedClient, Laid]:
    laid = Laid(*answers)
    return FeedClient(door(laid)[0], topics), laid


async def test_entries_are_read_from_a_place_on() -> None:
    client, laid = feed(answer(5, 6, head=9))
    page = await client.page(4)
    assert [entry.seq for entry in page.entries] == [5, 6]
    assert (page.next, page.head, page.entries[0].subject) == (6, 9, "p1")
    assert dict(laid.requests[0][0].url.params) == {"after": "4", "wait": "25", "limit": "500"}


async def test_nothing_new_leaves_the_place() -> None:
    assert (await feed(answer())[0].page(4)).next == 4


@pytest.mark.parametrize("seqs", [(6,), (5, 7), (5, 5), (6, 5)])
async def test_a_number_that_is_left_out_is_noticed(seqs: tuple[int, ...]) -> None:
    with pytest.raises(FeedGap):
        await feed(answer(*seqs))[0].page(4)


async def test_with_a_choice_of_topics_numbers_may_be_left_out_but_not_turn_back() -> None:
    client, laid = feed(answer(6, 9), answer(9, 6), topics=("token.active", "token.ended"))
    assert (await client.page(4)).next == 9
    assert laid.requests[0][0].url.params.get_list("topic") == ["token.active", "token.ended"]
    with pytest.raises(FeedGap):
        await client.page(4)


async def test_a_place_that_is_gone_is_told_apart_from_other_refusals() -> None:
    with pytest.raises(CursorTooOld):
        await feed(problem(410, "feed_gone"))[0].page(4)
    with pytest.raises(RequestRefused) as refused:
        await feed(problem(403, "forbidden"))[0].page(4)
    assert not isinstance(refused.value, CursorTooOld)


@pytest.mark.parametrize("body", [{}, {"entries": [{}], "next": 1, "head": 1}, {"entries": [], "next": "x", "head": 1}])
async def test_an_answer_that_is_no_page_is_unreadable(body: Any) -> None:
    with pytest.raises(AnswerUnreadable):
        await feed(httpx.Response(200, json=body))[0].page(4)


def test_a_cursor_remembers_the_last_place(tmp_path: Path) -> None:
    cursor = Cursor(tmp_path / "cursor")
    assert cursor.read() == 0
    cursor.keep(17)
    assert Cursor(tmp_path / "cursor").read() == 17
    (tmp_path / "cursor").write_text("-3\n")
    with pytest.raises(CursorUnreadable):
        cursor.read()
