"""What changes counts from the very next tap on, whichever process changed it and whichever answers."""

import asyncio
from decimal import Decimal

from amis.issuing import service as issuing
from amis.kernel.db import transaction
from tests.town import CLERK, Site
from tests.walks.counts import count
from tests.walks.processes import forked
from tests.walks.tapping import Holder, Terminal, holders, stated, terminals

WALKERS = 8
BLOCKS = count(test=80, check=2_000, deep=20_000)
WITHDRAWALS = count(test=40, check=1_000, deep=10_000)
RUSHES = count(test=20, check=100, deep=1_000)
AT_ONCE = 64
QUOTA = 20


async def test_a_block_is_refused_by_the_very_next_validation(apart: Site) -> None:
    async def walk(terminal: Terminal, holder: Holder) -> None:
        for _ in range(BLOCKS // WALKERS):
            await _decided(terminal, holder, "OK")
            async with transaction(CLERK) as tx:
                await issuing.block(tx, holder.token, "holder_request")
            await _decided(terminal, holder, "TOKEN_BLOCKED")
            async with transaction(CLERK) as tx:
                await issuing.unblock(tx, holder.token, "mistake")

    async with forked(apart):
        for_each = zip(await terminals(apart, WALKERS), await holders(apart, "INV1", WALKERS), strict=True)
        await asyncio.gather(*(walk(terminal, holder) for terminal, holder in for_each))


async def test_a_withdrawn_status_is_refused_by_the_very_next_validation(apart: Site) -> None:
    async def walk(terminal: Terminal, holder: Holder) -> None:
        for version in range(2, 2 + 2 * WITHDRAWALS // WALKERS, 2):
            await _decided(terminal, holder, "OK")
            assert await apart.states(stated(holder.code, version, status="INV1", op="withdraw")) == ["applied"]
            await _decided(terminal, holder, "NO_ENTITLEMENT")
            assert await apart.states(stated(holder.code, version + 1, status="INV1")) == ["applied"]

    async with forked(apart):
        for_each = zip(await terminals(apart, WALKERS), await holders(apart, "INV1", WALKERS), strict=True)
        await asyncio.gather(*(walk(terminal, holder) for terminal, holder in for_each))


async def test_sixty_four_taps_at_once_never_overspend_a_quota(apart: Site) -> None:
    async with forked(apart):
        fleet = await terminals(apart, AT_ONCE // 4)
        for holder in await holders(apart, "REPR", RUSHES):
            answers = await asyncio.gather(*(terminal.tap(holder.shown, patiently=True) for terminal in fleet * 4))
            accepted = [answer for answer in answers if answer.accepted]
            assert sorted(answer.quota_left or 0 for answer in accepted) == list(range(QUOTA))
            assert {answer.reason for answer in answers if not answer.accepted} == {"QUOTA_USED"}


async def _decided(terminal: Terminal, holder: Holder, reason: str) -> None:
    answer = await terminal.tap(holder.shown)
    assert answer.reason == reason
    assert answer.payable == (Decimal(0) if reason == "OK" else answer.payable)
