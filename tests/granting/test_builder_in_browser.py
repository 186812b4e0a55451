"""A rule built by clicks alone, with and without JavaScript, tried on a made-up person and published by two people."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Page

from amis.granting import store
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from tests.browser import LANGUAGES, axe
from tests.granting import desk as desks
from tests.granting.desk import APPROVER, AUTHOR, NEW, Desk

WIDTHS = (1280, 375)


@pytest.fixture
async def desk(town: Actor) -> AsyncIterator[Desk]:
    """The pages behind a server."""
    await desks.new_concession()
    async with desks.opened() as running:
        yield running


async def opened(chromium: Browser, language: str, *, script: bool) -> Page:
    """A page of a browser with or without JavaScript."""
    context = await chromium.new_context(locale=language, java_script_enabled=script)
    page = await context.new_page()
    page.set_default_timeout(20_000)
    return page


async def press(page: Page, do: str, *, script: bool) -> None:
    """Presses a button of the builder and waits for what it brings."""
    if script:
        async with page.expect_response(lambda answer: urlencode({"do": do}) in (answer.request.post_data or "")):
            await page.click(f'button[value="{do}"]')
        await quiet(page)
    else:
        async with page.expect_navigation():
            await page.click(f'button[value="{do}"]')


async def quiet(page: Page) -> None:
    """Waits until everything that was asked for has been put in its place."""
    await page.locator(".htmx-request, .htmx-swapping, .htmx-settling").first.wait_for(state="detached")


async def build(page: Page, *, script: bool) -> None:
    """Disability of group I or II, or the age of 65, tried on somebody of 64 with such a disability for a while."""
    await page.select_option('[id=":new"]', "any")
    await press(page, "add:", script=script)
    await page.select_option('[id="/all/0:new"]', "has")
    await press(page, "add:/all/0", script=script)
    if script:
        async with page.expect_response(lambda answer: answer.request.method == "POST"):
            await page.select_option('[id="/all/0/any/0:fact"]', "disability")
        await quiet(page)
    else:
        await page.select_option('[id="/all/0/any/0:fact"]', "disability")
        await press(page, "row:/facts", script=script)
    await page.check('input[name="/all/0/any/0:in"][value="I"]')
    await page.select_option('[id="/all/0:new"]', "age")
    await press(page, "add:/all/0", script=script)
    await page.fill('[id="/all/0/any/1:value"]', "65")
    if script:
        await press(page, "row:/facts", script=script)
    await page.select_option('[id="sample/facts/0:what"]', "disability:I")
    await page.fill('[id="sample/facts/0:from"]', "01.03.2026")
    await page.fill('[id="sample/facts/0:to"]', "31.05.2026")
    await page.fill('[id="sample:born"]', "01.03.1962")


async def push(page: Page, step: str) -> None:
    """Presses the button of a step in a version's life."""
    async with page.expect_navigation():
        await page.click(f'form[action$="/{step}"] button')


async def picture(page: Page, name: str) -> None:
    """Keeps what the page looks like, where somebody asked for it."""
    folder = os.environ.get("AMIS_PICTURES")
    for width in WIDTHS if folder else ():
        await page.set_viewport_size({"width": width, "height": 900})
        await page.screenshot(path=Path(str(folder)) / f"{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 900})


async def too_wide(page: Page) -> list[str]:
    """What sticks out of a narrow screen, beside what scrolls by itself (WCAG 2.2, 1.4.10)."""
    await page.set_viewport_size({"width": 375, "height": 900})
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("main *")]
            .filter((one) => one.checkVisibility() && !one.closest(".amis-scroll"))
            .filter((one) => one.getBoundingClientRect().right > 376)
            .map((one) => `${one.tagName} ${one.id} ${one.className}`)"""
    )
    await page.set_viewport_size({"width": 1280, "height": 900})
    return found


@pytest.mark.parametrize("script", [True, False], ids=["with-javascript", "without-javascript"])
async def test_a_rule_is_built_by_clicks_and_published_with_four_eyes(
    chromium: Browser, desk: Desk, script: bool
) -> None:
    page = await opened(chromium, "lv", script=script)
    await page.goto(f"{desk.url}/rules/new")
    await page.select_option("#concession_code", NEW)
    await page.fill("#legal_clause", "Saistošo noteikumu 8. punkts")
    await page.fill("#valid_from", "01.01.2026")
    await build(page, script=script)
    await page.fill("#case_name", "Gandrīz pensionārs")
    await page.fill("#case_days", "01.03.2026 - 31.05.2026\n01.03.2027 -")
    if script:  # typing is enough: leaving the field brings the days up to date
        await page.wait_for_selector("text=no 01.03.2026. līdz 31.05.2026.; no 01.03.2027.")
        assert await page.locator("#outcome .amis-timeline__row").count() == 4
    await press(page, "keep:", script=script)
    assert "Gandrīz pensionārs" in await page.inner_text("#cases")
    assert await page.input_value("#legal_clause") == "Saistošo noteikumu 8. punkts"
    async with page.expect_navigation():
        await page.click('button[value="save"]')
    version = page.url.split("?")[0]
    await push(page, "test")
    await push(page, "submit")
    assert await page.locator('form[action$="/approve"]').count() == 0
    desk.seated = APPROVER
    await page.goto(version)
    await push(page, "approve")
    await page.goto(f"{version}/simulation")
    await push(page, "publish")
    async with transaction(AUTHOR) as tx:
        [rule] = [rule for rule in await store.list_rules(tx) if rule.names.code == NEW]
    [row] = rule.versions
    assert (row.state, row.author, row.approver) == ("active", AUTHOR.id, APPROVER.id)
    # an all with a single part stays as it was built
    assert [next(iter(part)) for part in row.condition["all"][0]["any"]] == ["has", "age"]


async def test_what_was_built_last_has_the_focus(chromium: Browser, desk: Desk) -> None:
    for script in (True, False):
        page = await opened(chromium, "en", script=script)
        await page.goto(f"{desk.url}/rules/new")
        await page.select_option('[id=":new"]', "has")
        await press(page, "add:", script=script)
        focused = page.locator('[id="/all/0:fact"]:focus')
        await focused.wait_for()
        assert await focused.count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_of_rules_is_accessible_and_fits_a_narrow_screen(
    chromium: Browser, desk: Desk, language: str
) -> None:
    page = await opened(chromium, language, script=True)
    found: dict[str, list[str]] = {}

    async def look(name: str) -> None:
        await picture(page, f"{name}-{language}")
        found[name] = [*await axe(page), *await too_wide(page)]

    await page.goto(f"{desk.url}/rules/new?concession={NEW}")
    await look("new")
    await page.fill("#legal_clause", "Saistošo noteikumu 8. punkts")
    await page.fill("#valid_from", "01.01.2026")
    for kind in ("num", "member", "related", "count", "during", "held", "grace", "extend_to", "except", "not"):
        await page.select_option('[id=":new"]', kind)
        await press(page, "add:", script=True)
    for row in ("/facts", "/groups", "/relations", "/relations/0/person/facts"):
        await press(page, f"row:{row}", script=True)
    await look("every-kind")
    async with page.expect_navigation():
        await page.click('button[value="save"]')
    await look("errors")
    await page.goto(f"{desk.url}/rules/new?concession={NEW}")
    await page.fill("#legal_clause", "Saistošo noteikumu 8. punkts")
    await page.fill("#valid_from", "01.01.2026")
    await build(page, script=True)
    await page.fill("#case_name", "Pāragrs pensionārs")
    await press(page, "keep:", script=True)
    await look("built")
    await press(page, "view:table", script=True)
    await look("table")
    await press(page, "view:json", script=True)
    await look("json")
    async with page.expect_navigation():
        await page.click('button[value="save"]')
    version = page.url.split("?")[0]
    await look("version")
    await page.goto(f"{version}/simulation?uses=1&gross=0,85")
    await look("simulation")
    for name, path in (("rules", "/rules"), ("rule", f"/rules/{version.split('/')[-3]}")):
        await page.goto(f"{desk.url}{path}")
        await look(name)
    assert {name: faults for name, faults in found.items() if faults} == {}
