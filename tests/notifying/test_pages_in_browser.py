"""The pages in a real browser: nothing that hinders people, full and empty."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from playwright.async_api import Browser

from amis.kernel.db import transaction
from amis.notifying.contacts import Reach
from tests.browser import LANGUAGES, axe, serving
from tests.issuing.town import CLERK, acting, enrolled
from tests.notifying.conftest import ANNA, HOME, Office
from tests.notifying.doors import served
from tests.notifying.test_pages import held
from tests.notifying.test_telling import needy, withdraw
from tests.walks.told import not_delivered

LONG = "Žanete-Margarita fon Šķēršķēle-Pļaviņkrūmiņsone"


@pytest.fixture
async def people(office: Office) -> dict[str, UUID]:
    """Somebody with messages of every kind, and somebody without any."""
    told, quiet = await enrolled(name=LONG), await enrolled("320202-10001")
    await office.reach(told, Reach(ANNA, "26123456", HOME, "lv", "email"))
    await office.switch_on()
    await needy(told)
    await office.round()
    await withdraw(told)
    await office.round()
    stuck = (await acting(lambda tx: not_delivered(tx, told)))["message_id"]
    async with transaction(CLERK) as tx:
        tx.session.add(held(tx.municipality_id, told, "test/1", "JLG-NEEDY20 v2"))
    sent = (await office.messages(told))[0].id
    return {"told": told, "quiet": quiet, "sent": sent, "stuck": stuck}


@pytest.fixture
async def address(people: dict[str, UUID]) -> AsyncIterator[str]:
    """The pages, served to an administrator who has stated a purpose."""
    async with serving(served("municipal_admin", people["told"], people["quiet"])) as at:
        yield at


def paths(people: dict[str, UUID]) -> list[str]:
    """Every page of the room."""
    found = [f"/persons/{people['told']}/contacts", *(f"/persons/{people[who]}/messages" for who in ("told", "quiet"))]
    return [*found, "/messages", "/messages/settings", *(f"/messages/{people[which]}" for which in ("sent", "stuck"))]


async def test_no_page_has_a_violation_of_wcag(chromium: Browser, address: str, people: dict[str, UUID]) -> None:
    page = await chromium.new_page()
    found = {}
    for language in LANGUAGES:
        for path in paths(people):
            await page.goto(f"{address}{path}?lang={language}")
            found[path, language] = await axe(page)
    await page.close()
    assert {where: faults for where, faults in found.items() if faults} == {}


async def test_a_clerk_corrects_an_address_without_a_script(chromium: Browser, office: Office) -> None:
    person = await enrolled()
    async with serving(served("clerk", person)) as address:
        context = await chromium.new_context(java_script_enabled=False, locale="en-GB")
        page = await context.new_page()
        await page.goto(f"{address}/persons/{person}/contacts")
        await page.get_by_label("By text message").check()
        await page.get_by_role("button", name="Save").click()
        assert await page.get_by_text("Enter where to write to in this way.").first.is_visible()
        await page.get_by_label("Phone number").fill("26123456")
        await page.get_by_role("button", name="Save").click()
        assert await page.get_by_text("The changes are saved.").is_visible()
        assert await page.get_by_label("Phone number").input_value() == "+37126123456"
        await context.close()
