"""Asking a source what changed: rows and cursor are kept together, once, and only from where it was agreed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from amis.concessions.seed_lv import JELGAVA
from amis.intake import store
from amis.intake.batch_models import Batch
from amis.intake.errors import PullAddressRefused, PullUnknown
from amis.intake.importing import import_next
from amis.intake.places import folder_of
from amis.intake.pull import Step, pull
from amis.intake.pull_address import read_address, since
from amis.intake.pull_jobs import pull_due
from amis.intake.pull_models import Pull
from amis.intake.pulls import get_pull, set_pull, stop_pull
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.kernel.way_out import WayOut
from tests.browser import serving
from tests.intake.files import ledger, ndjson, row
from tests.intake.wire import TOWN, new_code

EVERY = timedelta(minutes=5)
NDJSON = "application/x-ndjson; charset=utf-8"


@dataclass(slots=True)
class Source:
    """A system that answers with what is in `answers` by cursor, with 204 to any other."""

    url: str = ""
    answers: dict[str, Response] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        cursor = request.query_params["since"]
        self.asked.append((cursor, request.headers.get("authorization", "")))
        return self.answers.get(cursor, Response(status_code=204))

    def tells(self, after: str, cursor: str, *rows: dict[str, object], kind: str = NDJSON) -> None:
        headers = {"content-type": kind} | ({"next-cursor": cursor} if cursor else {})
        self.answers[after] = Response(ndjson(*rows), headers=headers)


@pytest.fixture
async def source(database: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Source]:
    made = Source()
    async with serving(Starlette(routes=[Route("/changes", made.answer)])) as address:
        made.url = f"{address}/changes"
        yield made


async def agreed(source: Source, bearer: str = "") -> UUID:
    """The sender, to be asked at that source."""
    async with transaction(TOWN) as tx:
        sender = (await store.senders(tx))[0].id
        await set_pull(tx, sender, source.url, EVERY, bearer)
        return sender


async def state(sender: UUID) -> tuple[str, str | None, int]:
    """The cursor, the fault, and how many batches there are."""
    async with transaction(TOWN) as tx:
        found = await get_pull(tx, sender)
        return found.cursor, found.fault, await tx.session.scalar(select(func.count()).select_from(Batch)) or 0


async def test_changes_are_asked_for_until_there_are_none(
    database: Settings, worker_connection: AsyncConnection, source: Source
) -> None:
    folder, sender = folder_of(database), await agreed(source, "secret-17")
    code = new_code()
    source.tells("", "a/1", row("S-1", 1, code))
    source.tells("a/1", "a/2", row("S-1", 2, code), row("S-2", 1, new_code()))
    await pull_due(folder, WayOut(), worker_connection)
    assert source.asked == [(cursor, "Bearer secret-17") for cursor in ("", "a/1", "a/2")]
    assert await state(sender) == ("a/2", None, 2)
    while await import_next(worker_connection, folder):
        pass
    assert {record: version for record, (version, *_) in (await ledger()).items()} == {"S-1": 2, "S-2": 1}
    async with transaction(TOWN) as tx:
        assert set(await tx.session.scalars(select(Batch.via))) == {"pull"}
        assert (await tx.session.scalars(select(Pull))).one().bearer != b"secret-17"
    # not before its time, and then only what is new
    await pull_due(folder, WayOut(), worker_connection)
    with clock.moved(clock.now() + EVERY):
        await pull_due(folder, WayOut(), worker_connection)
    assert [cursor for cursor, _ in source.asked[3:]] == ["a/2"]


FAULTS = {
    "the answer is 503": Response(status_code=503),
    "the answer is 302": Response(status_code=302, headers={"location": "/changes?since=x"}),
    "the answer is neither NDJSON nor CSV": Response("<html>", headers={"content-type": "text/html"}),
    "the answer has rows and no new cursor": Response("{}", headers={"content-type": NDJSON, "next-cursor": ""}),
}


async def test_an_answer_that_is_not_as_agreed_keeps_nothing(database: Settings, source: Source) -> None:
    folder, sender = folder_of(database), await agreed(source)
    for fault, response in FAULTS.items():
        source.answers[""] = response
        assert await pull(sender, JELGAVA, folder, WayOut()) is Step.FAILED
        assert await state(sender) == ("", fault, 0)
    assert not list(folder.glob("*"))
    source.answers[""] = Response(" \n", headers={"content-type": "text/csv", "next-cursor": "b"})
    assert await pull(sender, JELGAVA, folder, WayOut()) is Step.NOTHING
    assert await state(sender) == ("b", None, 0)


async def test_two_that_ask_at_once_keep_an_answer_once(database: Settings, source: Source) -> None:
    folder, sender = folder_of(database), await agreed(source)
    source.tells("", "a/1", row("S-1", 1, new_code()))
    steps = await asyncio.gather(*(pull(sender, JELGAVA, folder, WayOut()) for _ in range(2)))
    assert set(steps) <= {Step.KEPT, Step.OVERTAKEN, Step.NOTHING}
    assert await state(sender) == ("a/1", None, 1)


async def test_a_name_that_leads_inside_is_not_asked(database: Settings, source: Source) -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["10.0.0.1"]

    sender = await agreed(source)
    assert await pull(sender, JELGAVA, folder_of(database), WayOut(resolve=inside)) is Step.FAILED
    assert source.asked == []
    async with transaction(TOWN) as tx:
        await stop_pull(tx, sender)
    with pytest.raises(PullUnknown):
        await pull(sender, JELGAVA, folder_of(database), WayOut())


NOT_PUBLIC = """
http://sopa.example.lv/x https://10.0.0.1/x https://[::1]/ https://user@sopa.example.lv/ https://sopa.example.lv:22/
https://sopa.example.lv/#a https://localhost/ ftp://127.0.0.1/ https://sopa.example.lv:x/ sopa.example.lv
"""


@pytest.mark.parametrize("url", ["", *NOT_PUBLIC.split()])
def test_only_public_https_addresses_can_be_agreed(url: str) -> None:
    with pytest.raises(PullAddressRefused):
        read_address(url, development=False)


def test_the_cursor_is_part_of_the_address() -> None:
    to = read_address("https://sopa.example.lv/changes?town=JLG", development=False)
    assert since(to.target, "a&b/1") == "/changes?town=JLG&since=a%26b%2F1"
    assert read_address("http://127.0.0.1:8000", development=True).loopback
