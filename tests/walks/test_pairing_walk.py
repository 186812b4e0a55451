"""An administrator and a phone, each at its own screen: from a provider's first place to a phone that may validate."""

from io import BytesIO
from urllib.parse import urlsplit

import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page

from tests.browser import axe
from tests.town import Site
from tests.walks import staff


async def administrator(site: Site, browser: Browser) -> Page:
    """The browser of somebody who looks after terminals."""
    name, _, value = (await staff.session(site, ["validator_admin"])).partition("=")
    context = await browser.new_context(locale="en-GB")
    await context.add_cookies([{"name": name, "value": value, "url": site.url}])
    return await context.new_page()


async def scanned(page: Page) -> str:
    """What a phone's camera reads off the screen."""
    picture = await page.locator(".amis-code__picture").screenshot()
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
    return str(code.text)


async def museum(desk: Page, address: str) -> None:
    """Registers a venue with one place and takes the municipality's concessions there."""
    await desk.goto(f"{address}/providers")
    await desk.get_by_label("Code of the provider").fill("JLG-MUZ")
    await desk.get_by_label("Name of the provider").fill("Ģederta Eliasa muzejs")
    await desk.get_by_label("Venue").check()
    await desk.get_by_role("button", name="Register", exact=True).click()
    await desk.get_by_role("button", name="Begin accepting").click()
    await desk.get_by_label("Code of the place").fill("KASE")
    await desk.get_by_label("Name of the place").fill("Muzeja kase")
    await desk.get_by_label("Kind of place").select_option("museum")
    await desk.get_by_role("button", name="Register the place").click()
    assert await desk.get_by_text("Muzeja kase").first.is_visible()


async def test_a_museum_gets_its_first_validator(site: Site, chromium: Browser) -> None:
    desk = await administrator(site, chromium)
    await museum(desk, site.url)
    await desk.get_by_role("link", name="Set up a terminal").click()
    await desk.get_by_label("Name of the terminal").fill("Kases planšete")
    await desk.get_by_label("Place").select_option(label="KASE Muzeja kase")
    await desk.get_by_role("button", name="Set up").click()
    await desk.get_by_role("button", name="Pairing code").click()
    held = await chromium.new_context(locale="lv-LV", viewport={"width": 390, "height": 800})
    phone = await held.new_page()
    address = await scanned(desk)
    assert address.startswith(f"{site.url}/validator/#pair=")
    await phone.goto(address)
    await phone.locator("#pair-form button").click()
    await phone.locator("#fingerprint span").first.wait_for()
    shown = [part.strip() for part in await phone.locator("#fingerprint span").all_text_contents()]
    # on the desk it appears by itself, in the same groups
    await desk.get_by_role("region", name="A key waits for approval").wait_for(timeout=15_000)
    compared = await desk.get_by_role("region", name="A key waits for approval").get_by_role("code").inner_text()
    assert compared.split() == shown
    assert await axe(desk) == []
    await desk.get_by_role("button", name="They are the same: approve").click()
    await desk.get_by_text("The terminal is approved and can work.").wait_for()
    await phone.locator("#wait").wait_for(state="hidden", timeout=15_000)
    assert urlsplit(phone.url).fragment == ""
    for context in (desk.context, held):
        await context.close()
