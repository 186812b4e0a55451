"""Numbers that never came are seen, and so is a journal that goes on where we have not followed."""

import httpx

from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.validating.gaps import gap_report
from tests.validating.journal import journal
from tests.validating.town import JELGAVA, Town


async def test_missing_numbers_are_told_with_the_end_of_the_journal(
    database: Settings, town: Town, client: httpx.AsyncClient
) -> None:
    whole, torn = await journal(town, client), await journal(town, client)
    for line in range(3):
        whole.denied(seq=line + 1)
    for seq in (2, 3, 7, 9, 10):
        torn.denied(seq=seq)
    await whole.send()
    await torn.send()
    async with transaction(system("clerk", JELGAVA)) as tx:
        found = {one.terminal_id: one for one in await gap_report(tx)}
        (one,) = await gap_report(tx, torn.terminal.id)
    assert found[whole.terminal.id].missing == ()
    assert found[torn.terminal.id].missing == one.missing == ((4, 6), (8, 8))
    assert (one.first, one.last, one.known, one.pairing) == (2, 10, 5, 1)
    assert (one.head_seq, one.head_hash) == (10, torn.prev)
    assert (one.reported_seq, one.waiting, one.behind) == (None, None, False)


async def test_a_terminal_that_says_more_than_we_have_is_behind(
    database: Settings, town: Town, client: httpx.AsyncClient
) -> None:
    bus = await journal(town, client)
    bus.denied()
    await bus.send()
    for seq, head, waiting, behind in ((1, bus.prev, 0, False), (1, bus.prev, 4, True), (2, "0" * 64, 0, True)):
        await town.db.execute("DELETE FROM terminal_presence")
        await town.db.execute(
            "INSERT INTO terminal_presence (terminal_id, provider_id, seen_at, skew_ms, journal_seq, journal_hash,"
            " waiting, software) VALUES (%s, %s, now(), 0, %s, decode(%s, 'hex'), %s, 'test')",
            (bus.terminal.id, town.provider, seq, head, waiting),
        )
        async with transaction(system("clerk", JELGAVA)) as tx:
            (told,) = await gap_report(tx, bus.terminal.id)
        assert (told.reported_seq, told.waiting, told.behind) == (seq, waiting, behind)
