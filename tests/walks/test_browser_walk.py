"""A morning at the desk in a real Chromium: from signing in to the refused tap and the report."""

from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser

from amis.concessions.seed_lv import JELGAVA
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.staff.service import create_account
from tests.town import Site, needy
from tests.walks.desk import Desk, desk_at, in_latvian
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


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
async def test_a_morning_at_the_desk(site: Site, chromium: Browser, scripts: bool) -> None:
    secret = await hired()
    await noticed(site)
    async with desk_at(site, chromium, scripts=scripts) as desk:
        await desk.go("/")
        await desk.look("sign-in")
        await desk.sign_in(EMAIL, PASSWORD, secret)
        await desk.look("home")
        await find_the_person(desk)
        await ask_why(desk)
        shown = await issue_and_ride(desk)
        await block_and_be_refused(desk, shown)
        await read_the_report(desk)
        await desk.press("Sign out")
        await desk.look("signed-out")
        await desk.go("/persons")
        await desk.titled(in_latvian("Sign in"))
        assert {where: faults for where, faults in desk.found.items() if faults} == {}
        assert len(desk.found) == (32 if scripts else 0)


async def find_the_person(desk: Desk) -> None:
    await desk.follow("Persons")
    await desk.look("persons")
    await desk.fill("Personal code or name", "ozol")
    await desk.press("Search")
    await desk.look("found", posted=True)
    await desk.page.get_by_role("table").get_by_role("link").click()
    await desk.titled(in_latvian("Why do you open these data?"))
    await desk.look("purpose")
    await desk.press("Open the data")
    await desk.reads("Choose the purpose")
    await desk.look("purpose-missing", posted=True)
    await desk.page.get_by_role("link", name="English").click()
    await desk.titled("Why do you open these data?")
    await desk.page.get_by_role("link", name="Latviešu").click()
    await desk.page.get_by_label(in_latvian("A check of granted concessions")).check()
    await desk.press("Open the data")
    await desk.titled("Anna Ozola")
    await desk.shows("323456-78901")
    await desk.look("person")


async def ask_why(desk: Desk) -> None:
    await desk.page.locator("h3", has_text="Trūcīgas un maznodrošinātas").first.wait_for()
    between = clock.today() - timedelta(days=80)
    await desk.fill("On the day", f"{between:%d.%m.%Y}")
    await desk.press("Show")
    await desk.shows("Šai personai nav piešķirts neviens atvieglojums")
    await desk.look("why-not")
    await desk.fill("On the day", "31.02.2026")
    await desk.press("Show")
    await desk.reads("Enter a day such as 31/05/2026")
    await desk.look("no-such-day")


async def issue_and_ride(desk: Desk) -> str:
    await desk.press("Issue a QR code")
    await desk.page.locator(".amis-code__picture").wait_for()
    await desk.look("token")
    shown = await scanned(desk)
    assert (await desk.site.tap(shown)).accepted
    await desk.follow("Taps")
    await desk.follow("Live taps")
    await desk.shows("Jelgavas pilsētas autobuss")
    await desk.look("taps")
    return shown


async def scanned(desk: Desk) -> str:
    """The text of the QR code on the screen, as a terminal's camera reads it."""
    picture = await desk.page.locator(".amis-code__picture").screenshot()
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
    return str(code.text)


async def block_and_be_refused(desk: Desk, shown: str) -> None:
    await desk.follow("Tokens")
    await desk.look("tokens")
    await desk.page.get_by_role("table").get_by_role("link").first.click()
    await desk.page.get_by_label(in_latvian("Reason"), exact=True).first.select_option("lost")
    await desk.press("Block")
    await desk.reads("The token is blocked.")
    await desk.look("blocked")
    await desk.follow("Taps")
    await desk.follow("Live taps")
    answer = await desk.site.tap(shown)
    assert (answer.verdict, answer.reason) == ("DENY", "TOKEN_BLOCKED")
    if not desk.scripts:
        await desk.follow("Refresh")
    # with scripts it appears by itself
    await desk.reads("The token is blocked")
    await desk.look("refused")


async def read_the_report(desk: Desk) -> None:
    await desk.follow("Reports")
    await desk.page.locator("svg.amis-chart").wait_for()
    await desk.shows("Jelgavas pilsētas autobuss")
    await desk.look("report")
