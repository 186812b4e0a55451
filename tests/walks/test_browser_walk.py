"""A morning at the desk in a real Chromium: from signing in to the refused tap and the report."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser

from amis.concessions.seed_lv import JELGAVA
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.staff.service import create_account
from tests.town import Site, needy
from tests.walks.desk import Desk, in_latvian
from tests.walks.staff import PASSWORD

EMAIL = "kase@jelgava.example"


async def hired() -> str:
    """A new administrator, who may see everything; the secret of the second device."""
    async with transaction(system("test", JELGAVA)) as tx:
        _, secret = await create_account(tx, EMAIL, "Ilze Kalniņa", PASSWORD, ["municipal_admin"])
    return secret


async def noticed(site: Site) -> None:
    """What the social system said of Anna Ozola: needy once before, and now for another two months."""
    today = clock.today()
    earlier = today - timedelta(days=300), today - timedelta(days=120)
    now = today - timedelta(days=40), today + timedelta(days=60)
    assert await site.states(needy("R1", 1, *earlier), needy("R2", 1, *now)) == ["applied", "applied"]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_morning_at_the_desk(site: Site, chromium: Browser, scripts: bool) -> None:
    secret = await hired()
    await noticed(site)
    context = await chromium.new_context(
        locale="lv", java_script_enabled=scripts, viewport={"width": 1280, "height": 800}
    )
    desk = Desk(await context.new_page(), site, "js" if scripts else "plain")
    await desk.go("/")
    await desk.look("sign-in")
    await desk.sign_in(EMAIL, PASSWORD, secret)
    await desk.look("home")
    await find_the_person(desk)
    await ask_why(desk)
    number = await issue_and_ride(desk)
    await block_and_be_refused(desk, number)
    await read_the_report(desk)
    await desk.press("Sign out")
    await desk.look("signed-out")
    await desk.go("/persons")
    assert await desk.title() == in_latvian("Sign in")
    await context.close()
    assert {where: faults for where, faults in desk.found.items() if faults} == {}


async def find_the_person(desk: Desk) -> None:
    await desk.follow("Persons")
    await desk.look("persons")
    await desk.fill("Personal code or name", "ozol")
    await desk.press("Search")
    await desk.look("found")
    await desk.page.get_by_role("table").get_by_role("link").click()
    assert await desk.title() == in_latvian("Why do you open these data?")
    await desk.look("purpose")
    await desk.press("Open the data")
    assert await desk.reads("Choose the purpose")
    await desk.look("purpose-missing")
    await desk.page.get_by_label(in_latvian("A check of granted concessions")).check()
    await desk.press("Open the data")
    assert await desk.title() == "Anna Ozola"
    assert await desk.page.get_by_text("323456-78901").is_visible()
    await desk.look("person")


async def ask_why(desk: Desk) -> None:
    why = desk.page.locator("h3", has_text="Trūcīgas un maznodrošinātas")
    assert await why.first.is_visible()
    between = clock.today() - timedelta(days=80)
    await desk.fill("On the day", f"{between:%d.%m.%Y}")
    await desk.press("Show")
    assert await desk.page.get_by_text("nav neviena atvieglojuma").first.is_visible()
    await desk.look("why-not")
    await desk.fill("On the day", "31.02.2026")
    await desk.press("Show")
    assert await desk.reads("Enter a day such as 31/05/2026")
    await desk.look("no-such-day")


async def issue_and_ride(desk: Desk) -> str:
    await desk.press("Issue a QR code")
    await desk.look("token")
    number = await desk.title()
    assert (await desk.site.tap(number.replace(" ", ""))).accepted
    await desk.follow("Live taps")
    assert (
        await desk.page.get_by_text("JLG-BUS")
        .or_(desk.page.get_by_text("Jelgavas pilsētas autobuss"))
        .first.is_visible()
    )
    await desk.look("taps")
    return number


async def block_and_be_refused(desk: Desk, number: str) -> None:
    await desk.follow("Tokens")
    await desk.look("tokens")
    await desk.page.get_by_role("table").get_by_role("link").first.click()
    await desk.page.get_by_label(in_latvian("Reason"), exact=True).first.select_option("lost")
    await desk.press("Block")
    assert await desk.reads("The token is blocked.")
    await desk.look("blocked")
    await desk.follow("Live taps")
    answer = await desk.site.tap(number.replace(" ", ""))
    assert (answer.verdict, answer.reason) == ("DENY", "TOKEN_BLOCKED")
    if desk.name == "plain":
        await desk.follow("Refresh")
    # with scripts it appears by itself
    await desk.page.get_by_text("Karte bloķēta").wait_for(timeout=10_000)
    await desk.look("refused")


async def read_the_report(desk: Desk) -> None:
    await desk.follow("Reports")
    assert await desk.page.locator("svg.amis-chart").is_visible()
    assert await desk.page.get_by_text("Jelgavas pilsētas autobuss").first.is_visible()
    await desk.look("report")
