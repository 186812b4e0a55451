"""The report page and its download."""

import re
from datetime import date
from decimal import Decimal

import httpx
import pytest
from playwright.async_api import Browser

from amis.reporting.pages import pages
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client
from tests.reporting.ledger import READER, Ledger

MAY = "from=2026-05&to=2026-05"
DAY = date(2026, 5, 31)


@pytest.fixture
def browser(ledger: Ledger) -> httpx.AsyncClient:
    """Somebody who may read reports of Jelgava."""
    return client(application(READER, pages))


async def filled(ledger: Ledger) -> None:
    for month in (3, 4, 5):
        for _ in range(month):
            await ledger.use(date(2026, month, 7))
        await ledger.use(date(2026, month, 8), "4.50", "2.25", provider=ledger.pool)
        await ledger.use_of_state(date(2026, month, 9))


async def test_the_page_shows_totals_chart_shares_and_lines(ledger: Ledger, browser: httpx.AsyncClient) -> None:
    await filled(ledger)
    answer = await browser.get(f"/reports?{MAY}")
    assert answer.status_code == 200
    for text in ("EUR 9.95", "EUR 2.25", "EUR 7.70", "May 2026", "Jelgavas autobuss", "Needy", "Orphans", "<svg"):
        assert text in answer.text
    assert "April 2026</td>" not in answer.text


async def test_the_page_speaks_latvian(ledger: Ledger, browser: httpx.AsyncClient) -> None:
    await filled(ledger)
    answer = await browser.get(f"/reports?{MAY}&lang=lv&by=concession")
    for text in ("Izlietojumi un atlaides", "7,70 EUR", "2026. gada maijs", "Bāreņi"):
        assert text in answer.text
    assert "Stacked" not in answer.text


async def test_months_without_uses_say_so(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"/reports?{MAY}")
    assert answer.status_code == 200
    assert "Nothing was used in these months" in answer.text
    assert "<table" not in answer.text


@pytest.mark.parametrize("query", ["from=2026-06&to=2026-05", "from=May", "concession=x", "provider=%27", "to=0000-00"])
async def test_a_wrong_filter_is_told_and_nothing_is_shown(browser: httpx.AsyncClient, query: str) -> None:
    answer = await browser.get(f"/reports?{query}")
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert (await browser.get(f"/reports/uses.csv?{query}")).status_code == 422


async def test_the_file_holds_what_the_page_counts(ledger: Ledger, browser: httpx.AsyncClient) -> None:
    await filled(ledger)
    page = (await browser.get(f"/reports?{MAY}&provider=JLG-BUS")).text
    [address] = re.findall(r'href="(/reports/uses\.csv[^"]*)"', page)
    answer = await browser.get(address.replace("&amp;", "&"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="uses-2026-05-2026-05.csv"'
    rows = [row.split(",") for row in answer.content.decode("utf-8-sig").splitlines()[1:]]
    assert [(row[1], row[4], row[8]) for row in rows] == [
        ("JLG-BUS", "JLG-NEEDY20", "5"),
        ("JLG-BUS", "LV-ORPHAN", "1"),
    ]
    assert sum(Decimal(row[11]) for row in rows) == Decimal("5.4500")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_is_accessible_and_fits_a_narrow_screen(
    ledger: Ledger, chromium: Browser, language: str
) -> None:
    await filled(ledger)
    async with serving(application(READER, pages)) as site:
        page = await chromium.new_page(viewport={"width": 1280, "height": 900})
        for query in (
            "from=2025-06&to=2026-05&by=concession",
            MAY,
            "from=2024-01&to=2024-02",
            "from=2026-06&to=2026-05",
        ):
            for width in (1280, 375):
                await page.set_viewport_size({"width": width, "height": 900})
                await page.goto(f"{site}/reports?{query}&lang={language}")
                assert await axe(page) == []
                assert await page.evaluate("document.documentElement.scrollWidth") == width
        await page.close()


async def test_the_filter_works_without_javascript(ledger: Ledger, chromium: Browser) -> None:
    await filled(ledger)
    async with serving(application(READER, pages)) as site:
        context = await chromium.new_context(java_script_enabled=False, locale="en")
        page = await context.new_page()
        await page.goto(f"{site}/reports?{MAY}&lang=en")
        await page.get_by_label("Service provider").select_option("JLG-POOL")
        await page.get_by_role("button", name="Show", exact=True).click()
        assert "provider=JLG-POOL" in page.url
        assert await page.get_by_text("EUR 4.50").count() > 0
        assert await page.locator("td", has_text="Jelgavas autobuss").count() == 0
        await context.close()
