"""Taps with a connection and taps that a terminal decided alone, alike for the ledger; each case keeps its number."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from amis.concessions.drafts import TermsDraft
from amis.concessions.lv.edition import FREE
from amis.concessions.service import revise_terms
from amis.concessions.store import list_concessions
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.validating import amnesty
from amis.validating import service as validating
from amis.validating.conflict_store import list_conflicts
from amis.validating.conflicts import settle
from cards.credential import status_number
from rules.terms import Terms
from terminals.message import Tap
from tests.town import CLERK, FARE, Site, needy, riga
from tests.validating.journal import Journal
from tests.validating.town import Terminal
from tests.walks import machines
from tests.walks.phones import on_a_phone

SPRING = date(2026, 3, 1), date(2026, 12, 31)
DENIED = "DENY", "TOKEN_BLOCKED"
Line = dict[str, Any]


@pytest.fixture
async def http(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.url) as client:
        yield client


async def bus(site: Site, http: httpx.AsyncClient) -> Journal:
    """A terminal that is offline: what it writes down is sent later."""
    return Journal(Terminal(site.town.provider_id, await machines.bearer(site)), http)


async def token_of(site: Site, status: str = "TRUCIGA") -> tuple[UUID, str, Line]:
    """Somebody with a status, needy if nothing is said, and a QR token: its id, what it shows, how a line names it."""
    await site.states(needy("R1", 1, *SPRING, status=status))
    token, shown = await site.issue()
    async with transaction(CLERK) as tx:
        row = await tokens.get_token(tx, token)
    return token, shown, {"status": status_number(row.status_list, row.status_index)}


async def used(site: Site) -> UUID:
    """The concession by which the needy ride."""
    async with transaction(CLERK) as tx:
        found = await tx.session.scalar(text("SELECT concession_id FROM use ORDER BY id DESC LIMIT 1"))
    assert isinstance(found, UUID)
    return found


def kinds(told: list[Line]) -> list[list[str]]:
    assert {one["outcome"] for one in told} <= {"recorded", "known"}
    return [one["conflicts"] for one in told]


async def test_t33_an_old_card_found_after_its_replacement(site: Site, http: httpx.AsyncClient) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        token, shown, line = await token_of(site)
        assert (await site.tap(shown)).accepted
        ride = await used(site)
        async with transaction(CLERK) as tx:
            await issuing.replace(tx, token, "damaged")
    with clock.moved(riga("2026-04-10 10:00")):
        answer = await site.tap(shown)
        assert (answer.verdict, answer.reason) == DENIED
        assert "hand in" in answer.text["en"].lower()
        alone = await bus(site, http)
        alone.denied(line, reason="TOKEN_BLOCKED")
        alone.accepted(line, ride)
        assert kinds(await alone.send()) == [[], ["revoked_at_time"]]


async def test_t34_a_cancelled_card_in_the_month_of_an_amnesty(site: Site, http: httpx.AsyncClient) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        token, shown, line = await token_of(site)
        await site.tap(shown)
        ride = await used(site)
        async with transaction(CLERK) as tx:
            await issuing.block(tx, token, "office")
            await amnesty.declare_amnesty(tx, date(2026, 4, 10), date(2026, 5, 1), "Karšu maiņa")
        answer = await site.tap(shown)
        assert (answer.verdict, answer.reason, answer.quota_left) == ("ACCEPT_WARN", "OK_AMNESTY", 18)
        alone = await bus(site, http)
        alone.accepted(line, ride, verdict="ACCEPT_WARN", reason="OK_AMNESTY")
        assert kinds(await alone.send()) == [[]]
    async with transaction(CLERK) as tx:
        counted = await tx.session.execute(text("SELECT reason, count(*) FROM use GROUP BY reason ORDER BY reason"))
        assert [tuple(row) for row in counted] == [("OK", 1), ("OK_AMNESTY", 2)]
    with clock.moved(riga("2026-05-01 00:01")):
        assert (await site.tap(shown)).reason == "TOKEN_BLOCKED"


async def test_t35_the_same_card_in_two_buses_within_half_a_minute(site: Site, http: httpx.AsyncClient) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        ride = await _rides_apart(60)
        _, shown, line = await token_of(site, "REPR")
        assert (await site.tap(shown)).accepted
        other = await site.terminal("other")
        assert (await other.validate(_tap(shown, 30))).reason == "PASSBACK"
        alone = await bus(site, http)
        for seconds in (30, 90):
            at = clock.now() + timedelta(seconds=seconds)
            alone.accepted(line, ride, revision=2, at=at.isoformat(), proof="chip")
        assert kinds(await alone.send()) == [["pass_back"], []]


async def _rides_apart(seconds: int) -> UUID:
    """From April on the repressed cannot ride again at once."""
    async with transaction(CLERK) as tx:
        ride = next(one.id for one in await list_concessions(tx) if one.code == "JLG-REPR20")
        await revise_terms(tx, ride, TermsDraft(date(2026, 4, 1), None, FREE, None, Terms(pass_back_seconds=seconds)))
    return ride


def _tap(shown: str, after: int) -> Tap:
    return Tap(shown, clock.now() + timedelta(seconds=after), FARE)


async def test_t36_a_copied_picture_shown_a_kilometre_apart(site: Site, http: httpx.AsyncClient) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        _, shown, line = await token_of(site)
        async with transaction(CLERK) as tx:
            for code, at in (("HERE", (56.650, 23.720)), ("THERE", (56.659, 23.720))):
                await validating.register_place(tx, site.town.provider_id, code, code, "bus", zone="city", at=at)
        first = await site.tap(shown, place="HERE")
        second = await site.tap(shown, clock.now() + timedelta(seconds=60), place="THERE")
        assert (first.check_photo, second.check_photo, second.accepted) == (False, True, True)
        alone = await bus(site, http)
        alone.accepted(line, await used(site), place="HERE", at=(clock.now() + timedelta(seconds=70)).isoformat())
        assert kinds(await alone.send()) == [["two_places"]]


async def test_t37_a_presentation_replayed_within_its_window(site: Site, http: httpx.AsyncClient) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        _, static, line = await token_of(site)
        await site.tap(static)
        ride, now = await used(site), int(clock.now().timestamp())
        shown = on_a_phone(line["status"])
        assert (await site.tap(shown)).accepted
        assert (await (await site.terminal("other")).validate(_tap(shown, 5))).reason == "REPLAY"
        alone = await bus(site, http)
        for presented in (now, now + 15):
            alone.accepted(line | {"presented": presented}, ride, proof="device")
        assert kinds(await alone.send()) == [["replayed"], []]


async def test_t38_a_terminal_six_hours_offline_and_a_card_blocked_meanwhile(
    site: Site, http: httpx.AsyncClient
) -> None:
    with clock.moved(riga("2026-04-10 08:00")):
        token, shown, line = await token_of(site)
        await site.tap(shown)
        ride = await used(site)
    with clock.moved(riga("2026-04-10 10:00")):
        async with transaction(CLERK) as tx:
            await issuing.block(tx, token, "lost")
    with clock.moved(riga("2026-04-10 14:00")):
        alone = await bus(site, http)
        for hour in ("09:59", "10:01", "13:00"):
            alone.accepted(line, ride, at=riga(f"2026-04-10 {hour}").isoformat())
        first, again = await alone.send(), await alone.send()
        assert kinds(first) == kinds(again) == [[], ["revoked_at_time"], ["revoked_at_time"]]
        assert [one["use"] for one in first] == [one["use"] for one in again]
        async with transaction(CLERK) as tx:
            waiting, _ = await list_conflicts(tx, "open")
            assert len(waiting) == 2
            await settle(tx, waiting[0].id, "reversed", "Karte bija bloķēta")
        async with transaction(CLERK) as tx:
            counted = text("SELECT used, (SELECT count(*) FROM use) FROM quota_counter")
            assert tuple((await tx.session.execute(counted)).one()) == (3, 5)
