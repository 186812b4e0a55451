"""The pages of conflicts, amnesties, gaps and reserves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from amis.kernel import clock
from amis.kernel.ids import new_id
from tests.validating.conftest import FREE
from tests.validating.doors import OF_RIGA, READER, browser
from tests.validating.test_api import Tap
from tests.validating.test_pages import words
from tests.validating.town import Holder, Terminal, Town

SAID: dict[str, Any] = {
    "verdict": "ACCEPT",
    "reason": "OK",
    "gross": "0.8500",
    "payable": "0.0000",
    "product": "single",
}
SAID |= {"proof": "static", "clock_doubtful": True, "place": None}
FOUND: dict[str, Any] = {
    "verdict": "DENY",
    "reason": "QUOTA_USED",
    "missing": 1,
    "token_state": "blocked",
    "product": None,
}


@pytest.fixture
def page(town: Town) -> httpx.AsyncClient:
    return browser()


async def conflict(
    town: Town, terminal: Terminal, kind: str = "overspent", holder: Holder | None = None, **more: Any
) -> UUID:
    """A conflict as an upload leaves it."""
    values: dict[str, Any] = {"id": new_id(), "municipality_id": 2, "provider_id": town.provider}
    values |= {"terminal_id": terminal.id, "pairing": 1, "seq": terminal.next(), "kind": kind, "at": clock.now()}
    values |= {"use_at": clock.now(), "token_id": holder.token if holder else None}
    values |= {"detail": {"said": SAID, "found": FOUND}} | more
    await town.insert("conflict", **values)
    return UUID(str(values["id"]))


async def test_the_queue_is_chosen_by_state_kind_and_provider(page: httpx.AsyncClient, town: Town) -> None:
    terminal = await town.add_terminal()
    await conflict(town, terminal)
    await conflict(town, terminal, "clock", state="accepted", settled_at=clock.now(), settled_by="Anna")
    table = {}
    for query in ("", "?state=all", "?state=accepted", "?kind=clock", f"?provider={new_id()}", "?state=all&kind=clock"):
        text = (await page.get(f"/conflicts{query}")).text
        found = text[text.index("</form>") :] if "amis-filter" in text else text
        table[query] = {kind for kind in ("More used", "clock is doubtful") if kind in found.rpartition("</form>")[2]}
    both = {"More used", "clock is doubtful"}
    assert table == {
        "": {"More used"},
        "?state=all": both,
        "?state=accepted": {"clock is doubtful"},
        "?kind=clock": set(),
        f"?provider={list(table)[4].partition('=')[2]}": set(),
        "?state=all&kind=clock": {"clock is doubtful"},
    }
    assert "They appear here as terminals send" in (await page.get("/conflicts?kind=clock")).text


async def test_one_conflict_shows_both_sides_and_what_lies_beside(
    page: httpx.AsyncClient, town: Town, tap: Tap
) -> None:
    holder, terminal = await town.add_holder(await town.add_concession("NEEDY", FREE)), await town.add_terminal()
    await tap(terminal, holder.number)
    made = await conflict(town, terminal, holder=holder)
    shown = words((await page.get(f"/conflicts/{made}")).text)
    assert "More used than the quota holds" in shown
    assert "Verdict Accepted No concession" in shown
    for said in (
        "QUOTA_USED",
        "Full price EUR 0.85 –",
        "single ticket",
        "can be copied",
        "token – Blocked",
        "doubtful Yes –",
    ):
        assert said in shown
    assert "Jelgavas autobusu parks, BUS-1" in shown
    assert "Open the token" in shown
    assert str(holder.person) not in shown


async def test_a_conflict_is_disputed_then_accepted_with_notes(page: httpx.AsyncClient, town: Town) -> None:
    where = f"/conflicts/{await conflict(town, await town.add_terminal())}"
    for given, said in (
        ({"outcome": "accepted", "note": ""}, "Say why"),
        ({"outcome": "eaten", "note": "x"}, "Choose what is to be done"),
        ({"outcome": "reversed", "note": "x"}, "nothing was recorded"),
    ):
        refused = await page.post(where, data=given)
        assert refused.status_code in (409, 422)
        assert refused.text.count(said) == 2
    assert (await page.post(where, data={"outcome": "disputed", "note": "Nebiju tur"})).status_code == 303
    assert "State Disputed" in words((await page.get(where)).text)
    assert (await page.post(where, data={"outcome": "accepted", "note": "Bija gan"})).status_code == 303
    shown = words((await page.get(where)).text)
    assert "State Accepted as it is" in shown
    assert "Note Bija gan" in shown
    assert "What is to be done" not in shown
    assert (await page.post(where, data={"outcome": "disputed", "note": "x"})).status_code == 409


async def test_a_use_is_taken_back_from_its_conflict(page: httpx.AsyncClient, town: Town, tap: Tap) -> None:
    concession = await town.add_concession("NEEDY", FREE, {"n": 1, "per": "day"})
    holder, terminal = await town.add_holder(concession), await town.add_terminal()
    use = (await tap(terminal, holder.number))["use"]
    (at,) = await (await town.db.execute("SELECT at FROM use WHERE id = %s", (use,))).fetchone() or (None,)
    made = await conflict(town, terminal, holder=holder, use_id=use, use_at=at, seq=terminal.seq)
    assert (await page.post(f"/conflicts/{made}", data={"outcome": "reversed", "note": "Kopija"})).status_code == 303
    shown = words((await page.get(f"/conflicts/{made}")).text)
    assert "State Taken back" in shown
    assert "this tap" in shown
    row = await (await town.db.execute("SELECT used FROM quota_counter")).fetchone()
    assert row == (0,)


async def test_a_conflict_of_another_municipality_is_not_there(page: httpx.AsyncClient, town: Town) -> None:
    made = await conflict(town, await town.add_terminal())
    async with browser(OF_RIGA) as stranger:
        assert (await stranger.get(f"/conflicts/{made}")).status_code == 404
        assert (await stranger.post(f"/conflicts/{made}", data={"outcome": "accepted", "note": "x"})).status_code == 404
        assert "No such conflicts" in (await stranger.get("/conflicts?state=all")).text


async def test_an_amnesty_is_declared_and_ended(page: httpx.AsyncClient, town: Town) -> None:
    today = clock.today()
    given = {"from_day": today.isoformat(), "last_day": (today + timedelta(days=6)).isoformat(), "note": "Maiņa"}
    assert (await page.post("/amnesties", data=given)).status_code == 303
    assert "Current Maiņa Anna End it now" in words((await page.get("/amnesties")).text)
    row = await (await town.db.execute("SELECT id, until_day FROM amnesty")).fetchone()
    assert row is not None
    assert row[1] == today + timedelta(days=7)
    assert (await page.post(f"/amnesties/{row[0]}/end")).status_code == 303
    shown = words((await page.get("/amnesties")).text)
    assert "never began Past" in shown
    assert "End it now" not in shown
    assert (await page.post(f"/amnesties/{row[0]}/end")).status_code == 422


WRONG_AMNESTIES = (
    ({"from_day": "soon"}, "Enter a day such as"),
    ({"last_day": ""}, "Enter a day such as"),
    ({"last_day": "01/01/2020"}, "at least one day"),
    ({"last_day": "31/12/9999"}, "at least one day"),
    ({"note": ""}, "Say why"),
    ({"note": "x" * 401}, "Say why"),
)


async def test_what_is_wrong_with_an_amnesty_stands_beside_its_field(page: httpx.AsyncClient) -> None:
    today = clock.today().isoformat()
    for wrong, said in WRONG_AMNESTIES:
        refused = await page.post("/amnesties", data={"from_day": today, "last_day": today, "note": "x"} | wrong)
        assert (refused.status_code, refused.text.count(said)) == (422, 2), wrong


async def test_missing_numbers_are_named(page: httpx.AsyncClient, town: Town, tap: Tap) -> None:
    terminal, whole = await town.add_terminal(), await town.add_terminal()
    assert "Nothing is missing" in (await page.get("/terminals/gaps")).text
    for seq in (1, 2, 5, 9):
        await tap(terminal, "x", seq=seq)
    await tap(whole, "x", seq=1)
    shown = words((await page.get("/terminals/gaps")).text)
    assert "1–9 4 3–4, 6–8" in shown
    assert shown.count("Bus ") == 1
    assert "3–4, 6–8" in words((await page.get(f"/terminals/{terminal.id}")).text)


async def test_units_set_aside_are_released_with_a_reason(page: httpx.AsyncClient, town: Town) -> None:
    concession, terminal = await town.add_concession("NEEDY", FREE, {"n": 9, "per": "day"}), await town.add_terminal()
    holder = await town.add_holder(concession)
    keys = {"municipality_id": 2, "person_id": holder.person, "concession_id": concession, "per": "day"}
    keys |= {"window_start": clock.today()}
    await town.insert("quota_counter", **keys, used=5, lim=9)
    reserve = {
        "id": new_id(),
        "terminal_id": terminal.id,
        "pairing": 1,
        "token_id": holder.token,
        "units": 5,
        "used": 2,
    }
    await town.insert("quota_reserve", **keys, **reserve, until=clock.now(), at=clock.now())
    where = f"/terminals/{terminal.id}"
    assert "NEEDY 5 2" in words((await page.get(where)).text)
    async with browser(READER) as reader:
        assert "NEEDY 5 2" not in words((await reader.get(where)).text)
    other = await town.add_terminal()
    assert (await page.post(f"/terminals/{other.id}/reserves/{reserve['id']}/release")).status_code == 404
    assert "Write down why" in (await page.post(f"{where}/reserves/{reserve['id']}/release", data={"note": ""})).text
    done = await page.post(f"{where}/reserves/{reserve['id']}/release", data={"note": "Nozagts"})
    assert done.status_code == 303
    row = await (await town.db.execute("SELECT used FROM quota_counter")).fetchone()
    assert row == (2,)
