"""Uses without a right: found by what the register learns late, decided once, put into the month that is open."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.db import transaction
from amis.reporting import adjustment, recovery, recovery_store, settlement
from amis.reporting.errors import CaseDecided, CaseUnknown, WriteOffReasonMissing
from amis.reporting.recovery_pages import pages
from amis.reporting.recovery_store import Case, WrongUse
from amis.reporting.scope import Scope
from tests.concessions.doors import application, client
from tests.reporting.ledger import READER
from tests.town import Site, needy, riga

SPRING = date(2026, 3, 1), date(2026, 5, 31)
DECIDER = replace(READER, permissions=frozenset({"report.read", "recovery.read", "recovery.write", "person.read"}))
APRIL = date(2026, 4, 1)


async def open_cases(state: str = "open") -> list[Case]:
    async with transaction(DECIDER) as tx:
        return await recovery_store.cases(tx, state)


async def decided(case: Case, decision: recovery.Decision = "recover", reason: str = "") -> list[recovery.Part]:
    async with transaction(DECIDER) as tx:
        return await recovery.decide(tx, case.id, decision, reason)


async def ridden(site: Site) -> str:
    """A needy person who rides on five days of April; what the token shows."""
    with clock.moved(riga("2026-04-01 08:00")):
        await site.states(needy("R1", 1, *SPRING))
        _, shown = await site.issue()
    for day in (3, 9, 12, 18, 22):
        with clock.moved(riga(f"2026-04-{day:02d} 09:00")):
            assert (await site.tap(shown)).accepted
    return shown


async def revoked(site: Site, last: date = date(2026, 4, 8), version: int = 2) -> None:
    assert await site.states(needy("R1", version, SPRING[0], last, event_id=f"late-{version}")) == ["applied"]


async def test_t05_a_status_revoked_fourteen_days_back_flags_three_taps_and_settles_them_in_the_open_month(
    site: Site,
) -> None:
    await ridden(site)
    person = await site.person()
    with clock.moved(riga("2026-04-22 15:00")):
        await site.states(needy("R1", 2, SPRING[0], date(2026, 4, 8), event_id="revoked-14-days-back"))
        [case] = await open_cases()
        assert str(case.days) == "{[2026-04-09,2026-04-22)}"
        assert (case.person_id, case.uses, case.discount) == (person, 3, Decimal("2.55"))
        assert "revoked-14-days-back" in case.cause_ref
        browser = client(application(DECIDER, pages))
        page = await browser.post(f"/recovery/{case.id}?purpose=check", data={"decision": "recover"})
        assert page.status_code == 303
        async with transaction(DECIDER) as tx:
            [put_right] = await adjustment.adjustments_of(tx, case.id)
            assert await adjustment.adjusted(tx, Scope(APRIL, APRIL)) != []
    assert (put_right.month, put_right.state, put_right.uses) == (APRIL, "recover", 3)
    assert (put_right.amount, put_right.funder) == (Decimal("2.5500"), "JLG")


async def test_a_closed_month_is_put_right_in_the_next_open_one(site: Site) -> None:
    await ridden(site)
    with clock.moved(riga("2026-06-02 09:00")):
        async with transaction(DECIDER) as tx:
            await settlement.close_month(tx, APRIL)
        await revoked(site)
        [case] = await open_cases()
        [part] = await decided(case)
    assert (part.month, part.uses, part.amount) == (date(2026, 5, 1), 4, Decimal("3.4000"))


async def test_what_is_decided_waits_no_longer_and_a_late_use_waits_alone(site: Site) -> None:
    shown = await ridden(site)
    with clock.moved(riga("2026-04-25 09:00")):
        await revoked(site)
        [case] = await open_cases()
        await decided(case, "written_off", "Pašvaldības kļūda")
        assert await open_cases() == []
        with pytest.raises(CaseDecided):
            await decided(case)
    assert [one.id for one in await open_cases("decided")] == [case.id]
    assert shown


async def test_days_that_were_granted_again_are_no_case(site: Site) -> None:
    await ridden(site)
    with clock.moved(riga("2026-04-25 09:00")):
        await revoked(site)
        await revoked(site, SPRING[1], version=3)
        assert await open_cases() == []


async def test_a_use_belongs_to_the_last_withdrawal_only(site: Site) -> None:
    await ridden(site)
    with clock.moved(riga("2026-04-25 09:00")):
        await revoked(site)
        await revoked(site, SPRING[1], version=3)
        await revoked(site, version=4)
        [case] = await open_cases()
    assert "late-4" in case.cause_ref
    assert case.uses == 4


async def test_a_withdrawal_of_days_to_come_is_no_case_and_one_without_uses_needs_no_decision(site: Site) -> None:
    with clock.moved(riga("2026-04-25 09:00")):
        await site.states(needy("R1", 1, *SPRING))
        await revoked(site, date(2026, 5, 10))
        assert [await open_cases(state) for state in ("open", "decided", "unused")] == [[], [], []]
        await revoked(site, version=3)
        [case] = await open_cases("unused")
    assert (case.uses, str(case.days)) == (0, "{[2026-04-09,2026-04-25)}")


async def test_a_use_taken_back_is_none(site: Site, owner_on: AsyncConnection) -> None:
    await ridden(site)
    await owner_on.execute(
        "INSERT INTO use (id, at, recorded_at, day, municipality_id, person_id, token_id, concession_id, revision,"
        " grantor_id, funder, provider_id, place_id, terminal_id, pairing, seq, product, gross, payable, discount,"
        " companions, verdict, reason, reverses)"
        " SELECT gen_random_uuid(), at, recorded_at, day, municipality_id, person_id, token_id, concession_id,"
        " revision, grantor_id, funder, provider_id, place_id, terminal_id, pairing, seq + 1000, product, -gross,"
        " -payable, -discount, -companions, 'REVERSED', reason, id FROM use WHERE day = '2026-04-18'"
    )
    with clock.moved(riga("2026-04-25 09:00")):
        await revoked(site)
        [case] = await open_cases()
    assert case.uses == 3


@pytest.fixture
async def owner_on(site: Site) -> AsyncConnection:
    assert site.settings.database_owner_url is not None
    return await AsyncConnection.connect(site.settings.database_owner_url, autocommit=True)


async def test_writing_off_needs_a_reason_and_an_unknown_case_is_refused(site: Site) -> None:
    await ridden(site)
    with clock.moved(riga("2026-04-25 09:00")):
        await revoked(site)
        [case] = await open_cases()
        with pytest.raises(WriteOffReasonMissing):
            await decided(case, "written_off", "  ")
        with pytest.raises(CaseUnknown):
            await decided(replace(case, id=UUID(int=1)))
        assert len(await open_cases()) == 1


async def test_another_municipality_sees_no_case(site: Site) -> None:
    await ridden(site)
    with clock.moved(riga("2026-04-25 09:00")):
        await revoked(site)
        [case] = await open_cases()
        async with transaction(replace(DECIDER, municipality_id=1)) as tx:
            assert await recovery_store.cases(tx, "open") == []
            with pytest.raises(CaseUnknown):
                await recovery_store.get_case(tx, case.id)


async def test_who_paid_in_full_on_days_that_were_granted_later_may_be_refunded(site: Site) -> None:
    with clock.moved(riga("2026-04-01 08:00")):
        await site.states(needy("R1", 1, date(2026, 3, 1), date(2026, 4, 5)))
        _, shown = await site.issue()
    with clock.moved(riga("2026-04-10 09:00")):
        assert not (await site.tap(shown)).accepted
    with clock.moved(riga("2026-04-12 09:00")):
        async with transaction(DECIDER) as tx:
            assert await recovery_store.refunds(tx) == []
        await revoked(site, date(2026, 5, 31))
        async with transaction(DECIDER) as tx:
            [owed] = await recovery_store.refunds(tx)
    assert (owed.taps, owed.paid, str(owed.days)) == (1, Decimal("0.85"), "{[2026-04-06,2026-04-12)}")


def test_several_funders_take_exactly_their_parts() -> None:
    use = WrongUse(
        UUID(int=1), riga("2026-04-01 12:00"), APRIL, UUID(int=2), "Skola", "Ēdnīca", 2, UUID(int=3), "JLG",
        [("LV", "1.5450"), ("JLG", "1.5450")], Decimal("3.09"), Decimal(0), Decimal("3.09"), False,
    )  # fmt: skip
    assert recovery.paid_by(use) == [("LV", Decimal("1.5450")), ("JLG", Decimal("1.5450"))]
    assert recovery.paid_by(replace(use, shares=None)) == [("JLG", Decimal("3.09"))]


async def test_the_pages_show_the_days_the_uses_and_the_month(site: Site) -> None:
    await ridden(site)
    browser: httpx.AsyncClient = client(application(DECIDER, pages))
    with clock.moved(riga("2026-04-25 09:00")):
        await revoked(site)
        listed = await browser.get("/recovery")
        [address] = set(re.findall(r'href="(/recovery/[0-9a-f-]{36})"', listed.text))
        assert (await browser.get(address)).status_code == 403
        page = await browser.get(f"{address}?purpose=check")
        assert page.status_code == 200
        for text in ("09/04/2026", "24/04/2026", "EUR 3.40", "April 2026", "Jelgavas pilsētas autobuss"):
            assert text in page.text
        refused = await browser.post(f"{address}?purpose=check", data={"decision": "written_off"})
        assert refused.status_code == 422
        assert "Say why it is written off" in refused.text
        latvian = await browser.get("/recovery?lang=lv")
        assert "Izmantots bez tiesībām" in latvian.text


async def test_a_month_is_closed_on_the_page(site: Site) -> None:
    browser = client(application(DECIDER, pages))
    today = clock.today().replace(day=1)
    last = today - timedelta(days=1)
    assert (await browser.post("/recovery/months", data={"month": f"{last:%Y-%m}"})).status_code == 303
    again = await browser.post("/recovery/months", data={"month": f"{last:%Y-%m}"})
    assert again.status_code == 422
    assert "closed already" in again.text
    assert (await browser.post("/recovery/months", data={"month": "x"})).status_code == 422
