"""The page of relations and households: both ends change, faults stand beside their fields."""

import random
from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser, Page
from starlette.types import Receive, Scope, Send

from amis.granting.kinship_pages import pages
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service as register
from amis.register import store
from amis.register.kinship import Link
from amis.register.service import PersonDraft
from amis.staff.caller import SESSION
from amis.staff.store import FoundSession
from sync.personal_code import draw_newer, hyphenated
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client
from tests.granting.extra_rule import RULE, publish
from tests.granting.town import CLERK, days, granted

WHY = "?purpose=correction"
_rng = random.Random(23)
ANNA, JANIS, NOBODY = (draw_newer(_rng) for _ in range(3))
MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 1)


@pytest.fixture
async def pair(town: Actor) -> tuple[UUID, UUID]:
    """Two persons of a town where parents have a right."""
    async with transaction(CLERK) as tx:
        anna = await register.enrol(tx, PersonDraft(ANNA, "Anna Ozola"))
        janis = await register.enrol(tx, PersonDraft(JANIS, "Jānis Kalns"))
    await publish({"any": [{"related": {"relation": "child"}}, {"related": {"relation": "household"}}]})
    return anna, janis


@pytest.fixture
def browser(town: Actor) -> httpx.AsyncClient:
    """The clerk's browser."""
    return client(application(CLERK, pages))


async def rights(person_id: UUID) -> object:
    async with transaction(CLERK) as tx:
        return (await granted(tx, person_id)).get(RULE)


async def links(person_id: UUID) -> list[Link]:
    async with transaction(CLERK) as tx:
        return await store.links_of(tx, {person_id})


CHILD = {"kind": "child", "other": hyphenated(JANIS), "valid_from": "01.03.2026", "reason": "Dzimšanas apliecība"}


async def test_a_relation_is_stated_seen_from_both_ends_and_ended(
    browser: httpx.AsyncClient, pair: tuple[UUID, UUID]
) -> None:
    anna, janis = pair
    assert (await browser.post(f"/persons/{anna}/relations{WHY}", data=CHILD)).status_code == 303
    assert await rights(anna) == days("{[2026-03-01,)}")
    page = await browser.get(f"/persons/{janis}/relations{WHY}")
    assert "Parent" in page.text
    assert "An··· Oz···" in page.text
    ended = {"kind": "parent", "other_id": str(anna), "end_day": "01.06.2026", "end_reason": "Adopcija"}
    assert (await browser.post(f"/persons/{janis}/relations/end{WHY}", data=ended)).status_code == 303
    assert await links(anna) == [Link(anna, "child", janis, MARCH, JUNE)]
    assert await rights(anna) == days("{[2026-03-01,2026-06-01)}")


async def test_somebody_moves_in_with_another_and_leaves_again(
    browser: httpx.AsyncClient, pair: tuple[UUID, UUID]
) -> None:
    anna, janis = pair
    moved = {"household": JANIS, "home_from": "01.03.2026", "home_to": ""}
    assert (await browser.post(f"/persons/{anna}/households{WHY}", data=moved)).status_code == 303
    assert [await rights(each) for each in pair] == [days("{[2026-03-01,)}")] * 2
    async with transaction(CLERK) as tx:
        [home] = await store.homes_of(tx, janis)
    left = {"household_id": str(home.household_id), "leave_day": "01.06.2026"}
    assert (await browser.post(f"/persons/{anna}/households/leave{WHY}", data=left)).status_code == 303
    assert [await rights(each) for each in pair] == [days("{[2026-03-01,2026-06-01)}")] * 2
    numbered = {"household": "LV-77", "home_from": "01.06.2026", "home_to": "31.12.2026"}
    assert (await browser.post(f"/persons/{anna}/households{WHY}", data=numbered)).status_code == 303
    page = await browser.get(f"/persons/{anna}/relations{WHY}")
    assert "Household LV-77" in page.text


FAULTS = [
    ("relations", CHILD | {"kind": ""}, "kind", "Choose the relation"),
    ("relations", CHILD | {"other": NOBODY}, "other", "There is no such person"),
    ("relations", CHILD | {"other": "Anna"}, "other", "not a Latvian personal code"),
    ("relations", CHILD | {"other": ANNA}, "other", "Nobody is a relative of themselves"),
    ("relations", CHILD | {"valid_from": ""}, "valid_from", "Enter a day"),
    ("relations", CHILD | {"valid_to": "01.02.2026"}, "valid_to", "ends before"),
    ("relations", CHILD | {"reason": ""}, "reason", "Say why"),
    ("households", {"household": "", "home_from": "01.03.2026"}, "household", "Enter a number or a personal code"),
    ("households", {"household": NOBODY, "home_from": "01.03.2026"}, "household", "There is no such person"),
    ("households", {"household": "1", "home_from": "01.03.2026", "home_to": "x"}, "home_to", "Enter a day"),
    ("relations/end", {"kind": "child", "other_id": "x", "end_day": "1.1.2026"}, "end_child_x", "Say why"),
    (
        "relations/end",
        {"kind": "child", "other_id": "x", "end_day": "1.1.2026", "end_reason": "Kļūda"},
        "end_child_x",
        "There is no such person",
    ),
    ("households", {"household": "9" * 501, "home_from": "01.03.2026"}, "household", "Enter a number"),
    ("households/leave", {"household_id": "x", "leave_day": "1.1.2026"}, "leave_x", "There is no such household"),
]


async def test_a_fault_is_told_beside_its_field_and_changes_nothing(
    browser: httpx.AsyncClient, pair: tuple[UUID, UUID]
) -> None:
    for door, form, field, message in FAULTS:
        answer = await browser.post(f"/persons/{pair[0]}/{door}{WHY}", data=form)
        assert (answer.status_code, message in answer.text) == (422, True), message
        assert f'href="#{field}"' in answer.text
    assert await links(pair[0]) == []


async def test_the_page_asks_for_a_purpose(browser: httpx.AsyncClient, pair: tuple[UUID, UUID]) -> None:
    assert (await browser.get(f"/persons/{pair[0]}/relations")).status_code == 403


@pytest.fixture
async def address(pair: tuple[UUID, UUID]) -> AsyncIterator[str]:
    """The page with a clerk signed in who has stated the purpose."""
    app = application(CLERK, pages)
    purposes = {str(one): "correction" for one in pair}
    session = FoundSession(
        UUID(int=1), "open", UUID(int=2), 2, "Jelgava", CLERK.label, "clerk@example.lv", ("clerk",), purposes
    )

    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, SESSION: session} if scope["type"] == "http" else scope, receive, send)

    async with serving(signed_in) as running:
        yield running


async def _press(page: Page, selector: str) -> None:
    async with page.expect_navigation():
        await page.click(selector)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_is_accessible_and_works_without_javascript(
    chromium: Browser, address: str, pair: tuple[UUID, UUID], language: str
) -> None:
    url = f"{address}/persons/{pair[0]}/relations"
    page = await (await chromium.new_context(locale=language, java_script_enabled=False)).new_page()
    looking = await (await chromium.new_context(locale=language)).new_page()
    found = {}
    await looking.goto(f"{url}?lang={language}")
    found["empty"] = await axe(looking)
    await page.goto(f"{url}?lang={language}")
    await page.select_option("#kind", "child")
    for name in ("other", "valid_from", "reason"):
        await page.fill(f"#{name}", CHILD[name])
    await _press(page, f"form[action='/persons/{pair[0]}/relations'] button")
    await page.fill("#household", JANIS)
    await page.fill("#home_from", "01.03.2026")
    await _press(page, f"form[action='/persons/{pair[0]}/households'] button")
    assert {link.kind for link in await links(pair[0])} == {"child", "household"}
    await looking.goto(f"{url}?lang={language}")
    found["full"] = await axe(looking)
    await looking.click("details summary")
    await _press(looking, f"form[action='/persons/{pair[0]}/relations/end'] button")
    found["errors"] = await axe(looking)
    assert {name: faults for name, faults in found.items() if faults} == {}
