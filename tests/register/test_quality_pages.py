"""The pages of contradictions: counted, shown masked, accessible."""

import httpx
import pytest
from playwright.async_api import Browser

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register.quality_pages import pages
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client
from tests.register.test_quality import MADE


@pytest.fixture
async def wrong(town: Actor) -> None:
    """A register with each contradiction in it."""
    async with transaction(town) as tx:
        for make in MADE.values():
            await make(tx)


async def test_each_kind_is_counted_and_leads_to_whom_it_concerns(town: Actor, wrong: None) -> None:
    browser = client(application(town, pages))
    overview = (await browser.get("/quality")).text
    for code in MADE:
        assert f'href="/quality/{code}"' in overview
        page = await browser.get(f"/quality/{code}")
        assert page.status_code == 200
        assert "/persons/" in page.text
    assert "I / II" in (await browser.get("/quality/facts_differ")).text
    assert "There is none of these" in (await browser.get("/quality/facts_differ?page=9")).text
    assert (await browser.get("/quality/nonsense")).status_code == 404


async def test_where_all_is_well_nothing_leads_further(town: Actor) -> None:
    browser: httpx.AsyncClient = client(application(town, pages))
    assert 'href="/quality/' not in (await browser.get("/quality")).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pages_are_accessible(chromium: Browser, town: Actor, wrong: None, language: str) -> None:
    async with serving(application(town, pages)) as site:
        page = await chromium.new_page(locale=language)
        found = {}
        for path in ("", "/related_to_dead", "/facts_differ"):
            await page.goto(f"{site}/quality{path}?lang={language}")
            found[path] = await axe(page)
        await page.close()
    assert {path: faults for path, faults in found.items() if faults} == {}
