"""Stock, orders and campaigns in a real browser: nothing that hinders people, in both languages, full and empty."""

import os
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser

from amis.issuing import batches, campaigns, print_queue, stock
from amis.issuing.batch_answers import take_answer
from amis.issuing.batch_files import Answered
from amis.kernel.actor import Actor
from tests.browser import LANGUAGES, axe, serving
from tests.issuing.cards_town import PRODUCT, approved, desk, encoded, in_use, new_uid, product
from tests.issuing.stock_doors import back_office
from tests.issuing.test_campaigns import lasting, run
from tests.issuing.town import CODES, acting, entitled, state

SHOTS = os.environ.get("AMIS_SHOTS")
"""A folder that gets a picture of each page, where somebody wants to see them."""


@pytest.fixture
async def paths(town: Actor) -> list[str]:
    """A full back office: movements with a shortage, an order in part answered, a campaign that left somebody out."""
    await product()
    here, first = await desk(), await approved(await entitled(), delivery="post")
    await approved(await entitled(CODES[0], "Jānis Bērziņš"))
    await acting(lambda tx: stock.receive(tx, PRODUCT, 1000, "Pavadzīme 17"))
    await acting(lambda tx: stock.allocate(tx, here, PRODUCT, 50))
    await acting(lambda tx: stock.use(tx, here, PRODUCT, first.id))
    batch = await acting(lambda tx: batches.make_batch(tx, PRODUCT, posted_only=False))
    await acting(lambda tx: batches.send_batch(tx, batch.id))
    line = Answered(1, 1, first.number, "produced", new_uid(), "")
    await acting(lambda tx: take_answer(tx, batch.id, [line]))
    written = await encoded(await entitled(CODES[1], "Anna Ozola"))
    empty = await desk("Dobeles šoseja 3")
    await acting(lambda tx: stock.use(tx, empty, PRODUCT, written.id))
    await acting(lambda tx: print_queue.queue_print(tx, written.id, here, "face"))
    found = ["/stock", "/batches", f"/batches/{batch.id}", "/campaigns", f"/campaigns/{await campaign()}"]
    return [*found, f"/tokens/{written.id}/prints", "/reports/misuse"]


async def campaign() -> str:
    gone = await lasting("320404-10001", "Anna Liepa")
    await in_use(gone)
    await in_use(await lasting("320505-10001", "Pēteris Kalns"))
    await state(gone, "disability", "I", "2026-01-01", "2026-03-01", 2)
    draft = campaigns.CampaignDraft("Pavasara atjaunošana", PRODUCT, date(2027, 3, 31), date(2027, 12, 31))
    made = await acting(lambda tx: campaigns.start_campaign(tx, draft))
    await run(made)
    return str(made.id)


@pytest.fixture
async def address(town: Actor) -> AsyncIterator[str]:
    async with serving(back_office()) as served:
        yield served


async def test_no_page_has_a_violation_of_wcag_in_either_language(
    chromium: Browser, address: str, paths: list[str]
) -> None:
    page = await chromium.new_page(viewport={"width": 1280, "height": 800})
    found = {}
    for language in LANGUAGES:
        for path in paths:
            await page.goto(f"{address}{path}?lang={language}")
            found[path, language] = await axe(page)
            if SHOTS:
                name = "-".join(path.strip("/").split("/")[:1]) + ("-one" if path.count("/") > 1 else "")
                await page.screenshot(path=Path(SHOTS) / f"{name}-{language}.png", full_page=True)
    await page.close()
    assert {where: faults for where, faults in found.items() if faults} == {}


async def test_a_movement_is_entered_and_an_answer_taken_without_a_script(
    chromium: Browser, address: str, paths: list[str]
) -> None:
    context = await chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    await page.goto(f"{address}/stock")
    await page.get_by_label("What happened").select_option("spoiled")
    await page.get_by_label("Place").select_option(label="Lielā iela 11")
    await page.get_by_label("How many cards").fill("51")
    await page.get_by_label("Note").fill("Salocītas")
    await page.get_by_role("button", name="Enter", exact=True).click()
    assert await page.get_by_text("There are fewer cards than that: count them first.").first.is_visible()
    await page.get_by_label("How many cards").fill("2")
    await page.get_by_role("button", name="Enter", exact=True).click()
    assert await page.get_by_text("The movement is entered.").is_visible()
    await page.goto(f"{address}{paths[2]}")
    number = await page.get_by_role("row").nth(2).get_by_role("link").inner_text()
    answer = f"2;{number};spoiled;;printeris\n".encode()
    await page.get_by_label("Answer").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": answer})
    await page.get_by_role("button", name="Show what it would do").click()
    await page.get_by_role("button", name="Take the answer").click()
    assert await page.get_by_text("The changes are saved.").is_visible()
    await context.close()
