"""Months of settlement: closed once, when they are over, and with all before them."""

from datetime import date

import pytest

from amis.kernel import clock
from amis.kernel.db import transaction
from amis.reporting import adjustment, settlement
from amis.reporting.errors import MonthClosed, MonthNotOver
from tests.reporting.ledger import OF_RIGA, READER, Ledger
from tests.town import riga

APRIL = date(2026, 4, 1)


async def test_a_month_is_closed_once_and_when_it_is_over(ledger: Ledger) -> None:
    with clock.moved(riga("2026-05-31 23:59")):
        async with transaction(READER) as tx:
            with pytest.raises(MonthNotOver):
                await settlement.close_month(tx, date(2026, 5, 1))
            await settlement.close_month(tx, APRIL)
            for month in (APRIL, date(2026, 3, 1)):
                with pytest.raises(MonthClosed):
                    await settlement.close_month(tx, month)
            assert await settlement.open_month(tx, date(2026, 2, 27)) == date(2026, 5, 1)
            assert await settlement.open_month(tx, date(2026, 7, 4)) == date(2026, 7, 1)
            known = await adjustment.months(tx, date(2026, 5, 31), 2)
            assert [(one.month, one.closed_at is not None) for one in known] == [
                (APRIL, True),
                (date(2026, 3, 1), True),
            ]


async def test_each_municipality_closes_its_own_months(ledger: Ledger) -> None:
    async with transaction(READER) as tx:
        await settlement.close_month(tx, APRIL)
    async with transaction(OF_RIGA) as tx:
        assert await settlement.closed_through(tx) is None
        assert await settlement.open_month(tx, date(2026, 4, 30)) == APRIL
