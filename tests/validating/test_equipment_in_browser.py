"""Providers, terminals, conflicts and the overview in a real browser, with scripts and without."""

import os
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from joserfc.jwk import ECKey
from PIL import Image
from playwright.async_api import Browser, Page

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import settings
from amis.staff import machine_service
from tests.browser import axe, serving
from tests.validating.conftest import FREE
from tests.validating.doors import browser, house
from tests.validating.test_api import Tap
from tests.validating.test_conflict_pages import conflict
from tests.validating.town import Town

SHOTS = os.environ.get("AMIS_SHOTS")
"""A folder that gets a picture of each page, where somebody wants to see them."""
LONG = "Zemgales plānošanas reģiona sabiedriskā transporta nodaļas sadarbības partneru apvienība"


@pytest.fixture
async def address(town: Town) -> AsyncIterator[str]:
    async with serving(house()) as served:
        yield served


async def look(page: Page, address: str, path: str, language: str, name: str) -> list[str]:
    """What is wrong with a page: violations of WCAG, and a page wider than the window."""
    answer = await page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer is not None
    assert answer.status == 200, path
    found = await axe(page)
    wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    if SHOTS:
        width = (page.viewport_size or {"width": 0})["width"]
        await page.screenshot(path=Path(SHOTS) / f"{name}-{language}-{width}.png", full_page=True)
    return found + (["wider than the window"] if wide else [])


async def fill(town: Town, tap: Tap) -> list[str]:
    """A town in which everything has happened; the addresses to look at."""
    await town.db.execute("UPDATE provider SET name = %s", (LONG,))
    concession = await town.add_concession("NEEDY", FREE, {"n": 9, "per": "day"})
    holder, terminal, other = await town.add_holder(concession), await town.add_terminal(), await town.add_terminal()
    for number in (holder.number, holder.number, "x", (await town.add_holder()).number):
        await tap(terminal, number)
    await tap(terminal, "x", seq=17)
    await town.db.execute("UPDATE machine SET municipality_id = 2, label = %s WHERE id = %s", (LONG, terminal.id))
    await town.db.execute("UPDATE machine_pairing SET municipality_id = 2 WHERE machine_id = %s", (terminal.id,))
    await town.db.execute(
        "INSERT INTO bundle_version (provider_id, seq, manifest, hash, basis, at)"
        " VALUES (%s, 1, '', sha256(''), '', now() - interval '1 hour')",
        (town.provider,),
    )
    for machine, held in ((terminal, 1), (other, None)):
        await town.insert(
            "terminal_presence",
            terminal_id=machine.id,
            provider_id=town.provider,
            seen_at=clock.now(),
            held=held,
            skew_ms=1500,
            waiting=3,
            software="amis 1",
        )
    made = await conflict(town, terminal, holder=holder)
    keys = {"municipality_id": 2, "person_id": holder.person, "concession_id": concession, "per": "day"}
    await town.insert(
        "quota_reserve",
        **keys,
        id=made,
        window_start=clock.today(),
        terminal_id=terminal.id,
        pairing=1,
        token_id=holder.token,
        units=5,
        used=2,
        until=clock.now(),
        at=clock.now(),
    )
    async with browser() as clerk:
        today = clock.today().isoformat()
        await clerk.post("/amnesties", data={"from_day": today, "last_day": today, "note": LONG})
        await clerk.post(f"/terminals/{terminal.id}/code")
    return [
        "/live?still=true",
        "/providers",
        f"/providers/{town.provider}",
        f"/places/{town.place}",
        "/terminals",
        f"/terminals/new?provider={town.provider}",
        f"/terminals/{terminal.id}",
        "/terminals/gaps",
        "/conflicts",
        f"/conflicts/{made}",
        "/amnesties",
    ]


async def test_no_full_page_hinders_anybody_on_a_phone(town: Town, tap: Tap, chromium: Browser, address: str) -> None:
    page = await chromium.new_page(viewport={"width": 375, "height": 800})
    found = {}
    for number, path in enumerate(await fill(town, tap)):
        name = f"{number:02}-{path.split('/')[1].partition('?')[0]}"
        found[path] = await look(page, address, path, "lv", name)
    await page.close()
    assert {where: faults for where, faults in found.items() if faults} == {}


async def test_no_empty_page_hinders_anybody(town: Town, chromium: Browser, address: str) -> None:
    page = await chromium.new_page(viewport={"width": 1280, "height": 800})
    found = {}
    for path in ("/live?still=true", "/terminals", "/terminals/gaps", "/conflicts", "/amnesties"):
        found[path] = await look(page, address, path, "en", "empty" + path.partition("?")[0].replace("/", "-"))
    await page.close()
    assert {where: faults for where, faults in found.items() if faults} == {}


async def answer(code: str) -> str:
    async with transaction(system("machine")) as tx:
        jwk = ECKey.generate_key("P-256").as_dict(private=False)
        return (await machine_service.use_code(tx, code.strip(), jwk)).fingerprint


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_terminal_is_set_up_and_paired(town: Town, chromium: Browser, address: str, scripts: bool) -> None:
    context = await chromium.new_context(java_script_enabled=scripts, locale="en-GB")
    page = await context.new_page()
    await page.goto(f"{address}/terminals")
    await (
        page.get_by_role("button", name="Set up a terminal")
        .or_(page.get_by_role("link", name="Set up a terminal"))
        .first.click()
    )
    await page.get_by_label("Provider").select_option(label="Jelgavas autobusu parks")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Name of the terminal").fill("Priekšējās durvis")
    await page.get_by_label("Place").select_option(label="BUS-1 BUS-1")
    await page.get_by_role("button", name="Set up").click()
    await page.get_by_role("button", name="Pairing code").click()
    code = await page.locator(".amis-code__value").inner_text()
    (scanned,) = zxingcpp.read_barcodes(Image.open(BytesIO(await page.locator(".amis-code__picture").screenshot())))
    assert scanned.text == f"{settings().public_url}/validator/#pair={code}"
    fingerprint = await answer(code)
    grouped = " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))
    if not scripts:
        await page.get_by_role("link", name="Has it answered?").click()
    # with scripts it appears by itself
    await page.get_by_text(grouped).first.wait_for(timeout=10_000)
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"pairing-{scripts}.png", full_page=True)
    await page.get_by_role("button", name="They are the same: approve").click()
    assert await page.get_by_text("The terminal is approved and can work.").is_visible()
    await context.close()


async def test_the_overview_counts_a_tap_by_itself(town: Town, tap: Tap, chromium: Browser, address: str) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    context = await chromium.new_context(locale="en")
    page = await context.new_page()
    await page.goto(f"{address}/live")
    assert await page.get_by_text("No taps in the last hour").count() == 1
    await tap(terminal, holder.number)
    await page.get_by_role("cell", name="The concession applies").wait_for(timeout=10_000)
    assert await page.locator(".amis-chart__bar").count() == 1
    await context.close()
