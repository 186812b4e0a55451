"""What terminals say of themselves is kept as they said it last."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from psycopg import AsyncConnection
from pydantic import ValidationError

from amis.kernel import clock
from amis.kernel.errors import Unavailable
from amis.kernel.settings import Settings
from amis.validating import presences as module
from amis.validating.errors import TerminalUnknown
from amis.validating.presence import PresenceIn, told_by
from amis.validating.presences import Presences, keep, presences
from tests.validating.town import Terminal, Town

HASH = "ab" * 32


def said(**other: object) -> PresenceIn:
    """What an up-to-date terminal says."""
    body: dict[str, object] = {"held": 7, "hash": HASH, "at": clock.now().isoformat(), "waiting": 0, "software": "t 1"}
    return PresenceIn.model_validate(body | other)


@pytest.fixture
async def service(database: Settings) -> AsyncIterator[AsyncConnection]:
    async with await AsyncConnection.connect(database.database_url or "", autocommit=True) as connection:
        yield connection


@pytest.fixture
async def lane(database: Settings) -> AsyncIterator[Presences]:
    async with presences(database.database_url or "") as opened:
        yield opened


async def tell(service: AsyncConnection, *said_by: tuple[Terminal, PresenceIn]) -> tuple[datetime, set[int]]:
    """Keeps what these terminals say at once; when, and which of them counted."""
    now = clock.now()
    return now, await keep(service, [told_by(digest(one), what, now) for one, what in said_by], now)


def digest(terminal: Terminal) -> str:
    return sha256(terminal.bearer.encode()).hexdigest()


async def kept(town: Town) -> tuple[object, ...]:
    found = await town.db.execute("SELECT held, encode(held_hash, 'hex'), held_at, seen_at FROM terminal_presence")
    row = await found.fetchone()
    assert row is not None
    return row


async def test_the_first_moment_of_a_bundle_is_kept_while_it_is_held(town: Town, service: AsyncConnection) -> None:
    bus = await town.add_terminal()
    first, _ = await tell(service, (bus, said()))
    assert await kept(town) == (7, HASH, first, first)
    second, _ = await tell(service, (bus, said()))
    assert await kept(town) == (7, HASH, first, second)
    third, _ = await tell(service, (bus, said(held=8)))
    assert await kept(town) == (8, HASH, third, third)
    fourth, _ = await tell(service, (bus, said(held=None, hash=None)))
    assert await kept(town) == (None, None, None, fourth)


async def test_of_several_words_of_one_terminal_the_last_counts(town: Town, service: AsyncConnection) -> None:
    one, two = await town.add_terminal(), await town.add_terminal()
    words = [(one, said(held=1)), (two, said(held=5)), (one, said(held=3)), (one, said(held=2))]
    _, counted = await tell(service, *words)
    assert counted == {0, 1, 2, 3}
    found = await town.db.execute("SELECT terminal_id, held FROM terminal_presence")
    assert dict(await found.fetchall()) == {one.id: 2, two.id: 5}


async def test_the_journals_end_is_kept(town: Town, service: AsyncConnection) -> None:
    await tell(service, (await town.add_terminal(), said(journal={"seq": 41, "hash": HASH}, waiting=3)))
    found = await town.db.execute("SELECT journal_seq, encode(journal_hash, 'hex'), waiting FROM terminal_presence")
    assert await found.fetchone() == (41, HASH, 3)


async def test_nobody_else_is_believed_and_nobody_else_suffers(town: Town, service: AsyncConnection) -> None:
    good, gone = await town.add_terminal(), await town.add_terminal()
    await town.db.execute("UPDATE machine SET state = 'suspended' WHERE id = %s", (gone.id,))
    stranger = Terminal(gone.id, "made up")
    _, counted = await tell(service, (gone, said()), (stranger, said()), (good, said()))
    assert counted == {2}
    found = await town.db.execute("SELECT terminal_id FROM terminal_presence")
    assert await found.fetchall() == [(good.id,)]


async def test_many_at_once_are_each_answered_for_themselves(town: Town, lane: Presences) -> None:
    terminals = [await town.add_terminal() for _ in range(3)]
    at = clock.now()
    words = [told_by(digest(terminals[n % 3]), said(held=n), at) for n in range(20)]
    strangers = [told_by("00" * 32, said(), at)] * 2
    answers = await asyncio.gather(*map(lane.tell, words + strangers), return_exceptions=True)
    assert answers[:20] == [None] * 20
    assert [type(answer) for answer in answers[20:]] == [TerminalUnknown] * 2


async def test_a_lost_connection_is_opened_again(town: Town, lane: Presences, service: AsyncConnection) -> None:
    word = told_by(digest(await town.add_terminal()), said(), clock.now())
    await lane.tell(word)
    await service.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'amis_app' AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    for _ in range(50):
        try:
            await lane.tell(word)
            return
        except Unavailable:
            await asyncio.sleep(0.1)
    raise AssertionError("it stayed away")


async def test_too_many_are_told_to_come_again(lane: Presences, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 0)
    with pytest.raises(Unavailable):
        await lane.tell(told_by("00" * 32, said(), clock.now()))


def test_a_terminal_is_told_how_far_its_clock_is_off() -> None:
    now = clock.now()
    ahead = told_by("", said(at=(now + timedelta(days=365)).isoformat()), now)
    assert ahead.skew_ms == 365 * 86_400_000
    assert told_by("", said(at="2001-01-01T00:00:00+02:00"), now).skew_ms < -20 * 365 * 86_400_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"held": -1},
        {"held": "7"},
        {"held": True},
        {"hash": "xyz"},
        {"hash": HASH.upper()},
        {"at": "2026-01-01T00:00:00"},
        {"at": 7},
        {"waiting": None},
        {"software": ""},
        {"software": "x" * 101},
        {"journal": {"seq": 1}},
        {"more": 1},
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        said(**wrong)
