"""Pages of groups and of lists: what is typed or sent is checked, shown first, and then done."""

import random
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser, Page
from starlette.routing import Route

from amis import app
from amis.granting.group_pages import pages as group_pages
from amis.granting.list_pages import ADDRESSES, BODY_LIMIT
from amis.granting.list_pages import pages as list_pages
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import roster
from amis.register import service as register
from amis.register.service import GroupDraft, PersonDraft
from rules.period import Days
from sync.personal_code import draw_newer, hyphenated
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client
from tests.granting.extra_rule import RULE, publish
from tests.granting.town import CLERK, days, granted

ACTOR = replace(CLERK, permissions=CLERK.permissions | {"group.read", "group.write"})
_rng = random.Random(17)
ANNA, JANIS, NOBODY = (draw_newer(_rng) for _ in range(3))


@pytest.fixture
async def choir(town: Actor) -> UUID:
    """A list on which a right rests; two persons of the town who are not on it."""
    async with transaction(CLERK) as tx:
        for code in (ANNA, JANIS):
            await register.enrol(tx, PersonDraft(code, "Anna Ozola" if code == ANNA else "Jānis Kalns"))
        group_id = await register.define_group(tx, GroupDraft("choir", "Koris", "Choir", None, "Kora dziedātāji"))
    await publish({"member": {"group": "choir"}})
    return group_id


@pytest.fixture
def browser(town: Actor) -> httpx.AsyncClient:
    """The clerk's browser."""
    return client(application(ACTOR, list_pages, group_pages))


async def rights(code: str) -> Days | None:
    async with transaction(CLERK) as tx:
        person_id = await register.enrol(tx, PersonDraft(code))
        return (await granted(tx, person_id)).get(RULE)


async def test_groups_are_listed_and_found_by_a_part_of_a_name(browser: httpx.AsyncClient, choir: UUID) -> None:
    for query, there in (("", True), ("hoi", True), ("dziedā", True), ("orchestra", False), ("%", False)):
        page = await browser.get("/groups", params={"q": query})
        assert (f"/groups/{choir}" in page.text) == there, query


async def test_a_group_by_condition_is_made_and_shown_in_words(browser: httpx.AsyncClient, town: Actor) -> None:
    form = {"code": "helped", "name_lv": "Atbalstāmie", "name_en": "Helped", "condition": '{"has": {"fact": "needy"}}'}
    made = await browser.post("/groups/new", data=form)
    assert made.status_code == 303
    page = await browser.get(made.headers["location"])
    assert "status of a needy household" in page.text
    assert "Put a person on the list" not in page.text


NEEDY = GroupDraft("needy_now", "Trūcīgie", "Needy", {"has": {"fact": "needy"}})
FAULTS = [
    ({"code": "Choir"}, "code", "A group needs a lower-case code"),
    ({"code": "choir"}, "code", "There is a group with this code already"),
    ({"name_lv": ""}, "name_lv", "A group needs a lower-case code"),
    ({"condition": "{"}, "condition", "This is not JSON"),
    ({"condition": "[" * 5000}, "condition", "This is not JSON"),
    ({"condition": '{"has": {"fact": "rich"}}'}, "condition", "/singers/has/fact"),
    ({"condition": '{"not": {"member": {"group": "singers"}}}'}, "condition", "singers -&gt; singers"),
]


async def test_what_is_no_group_is_told_beside_its_field(browser: httpx.AsyncClient, choir: UUID) -> None:
    form = {"code": "singers", "name_lv": "Dziedātāji", "name_en": "Singers"}
    for change, field, message in FAULTS:
        answer = await browser.post("/groups/new", data=form | change)
        assert answer.status_code == 422
        assert message in answer.text, message
        assert f'href="#{field}"' in answer.text


async def test_a_person_is_put_on_the_list_and_taken_off(browser: httpx.AsyncClient, choir: UUID) -> None:
    joined = {"join_code": hyphenated(ANNA), "valid_from": "01.03.2026", "valid_to": "31.12.2026"}
    assert (await browser.post(f"/groups/{choir}/join", data=joined)).status_code == 303
    assert await rights(ANNA) == days("{[2026-03-01,2027-01-01)}")
    page = await browser.get(f"/groups/{choir}")
    assert "An··· Oz···" in page.text
    assert "Ozola" not in page.text
    left = {"leave_code": ANNA, "leave_day": "01.06.2026"}
    assert (await browser.post(f"/groups/{choir}/leave", data=left)).status_code == 303
    assert await rights(ANNA) == days("{[2026-03-01,2026-06-01)}")


WRONG = [
    ("join", {"join_code": NOBODY, "valid_from": "01.03.2026"}, "join_code", "There is no such person"),
    ("join", {"join_code": "Anna", "valid_from": "01.03.2026"}, "join_code", "not a Latvian personal code"),
    ("join", {"join_code": ANNA, "valid_from": "soon"}, "valid_from", "Enter a day"),
    ("join", {"join_code": ANNA, "valid_from": "01.03.2026", "valid_to": "01.02.2026"}, "valid_to", "ends before"),
    ("leave", {"leave_code": NOBODY, "leave_day": "01.03.2026"}, "leave_code", "There is no such person"),
    ("leave", {"leave_code": ANNA, "leave_day": ""}, "leave_day", "Enter a day"),
]


async def test_what_cannot_be_is_told_beside_its_field(browser: httpx.AsyncClient, choir: UUID) -> None:
    for door, form, field, message in WRONG:
        answer = await browser.post(f"/groups/{choir}/{door}", data=form)
        assert (answer.status_code, message in answer.text) == (422, True), message
        assert f'href="#{field}"' in answer.text


FILE = f"Personas kods;No\n{ANNA};01.03.2026.\n{JANIS};\n{NOBODY};\n123;\n".encode()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form that applies a list."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page, re.DOTALL)
    return dict(found)


async def test_a_list_is_shown_with_its_verdicts_and_applied_as_shown(browser: httpx.AsyncClient, choir: UUID) -> None:
    form = {"group": str(choir), "mode": "delta", "since": "01.05.2026"}
    shown = await browser.post("/groups/import", data=form, files={"file": ("list.csv", FILE)})
    assert shown.status_code == 200
    for text in ("not in the register", "not a personal code", "An··· Oz···", "Apply the list"):
        assert text in shown.text
    assert await rights(ANNA) is None
    applied = await browser.post("/groups/import/apply", data=hidden(shown.text))
    assert applied.headers["location"] == f"/groups/{choir}?notice=list-applied"
    assert [await rights(code) for code in (ANNA, JANIS)] == [days("{[2026-03-01,)}"), days("{[2026-05-01,)}")]
    again = await browser.post("/groups/import", data=form, files={"file": ("list.csv", FILE)})
    assert "The list changes nothing" in again.text
    changed = await browser.post("/groups/import/apply", data=hidden(shown.text))
    assert changed.status_code == 409
    assert "has changed since it was shown" in changed.text


UNREADABLE = [
    ({}, b"name;town\nAnna;Jelgava\n", "file", "not a list that can be read"),
    ({}, b"", "file", "Choose a file"),
    ({"mode": ""}, FILE, "mode", "Say what the list is"),
    ({"since": "soon"}, FILE, "since", "Enter a day"),
]


async def test_a_list_that_cannot_be_read_is_told_beside_its_field(browser: httpx.AsyncClient, choir: UUID) -> None:
    form = {"group": str(choir), "mode": "delta", "since": "01.05.2026"}
    for change, content, field, message in UNREADABLE:
        answer = await browser.post("/groups/import", data=form | change, files={"file": ("list.csv", content)})
        assert (answer.status_code, message in answer.text) == (422, True), message
        assert f'href="#{field}"' in answer.text
    for broken in ({"group": "x"}, {"mode": "x"}, {"since": "x"}, {"rows": "1"}):
        sent = {"group": str(choir), "mode": "delta", "since": "01.05.2026", "rows": "", "expected": "x"} | broken
        assert (await browser.post("/groups/import/apply", data=sent)).status_code == 400


def test_whatever_takes_a_list_takes_a_large_body() -> None:
    routes = [route for route in list_pages.routes if isinstance(route, Route)]
    assert {route.path for route in routes if "POST" in (route.methods or ())} == set(ADDRESSES)
    assert {app._BODY_LIMITS[address] for address in ADDRESSES} == {BODY_LIMIT}


async def test_a_group_by_condition_takes_no_list(browser: httpx.AsyncClient, town: Actor) -> None:
    async with transaction(CLERK) as tx:
        group_id = await register.define_group(tx, NEEDY)
    assert (await browser.get(f"/groups/{group_id}/import")).status_code == 409


@pytest.fixture
async def address(town: Actor) -> AsyncIterator[str]:
    async with serving(application(ACTOR, list_pages, group_pages)) as running:
        yield running


async def _press(page: Page, selector: str) -> None:
    async with page.expect_navigation():
        await page.click(selector)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_list_is_imported_without_javascript_and_the_pages_are_accessible(
    chromium: Browser, address: str, choir: UUID, tmp_path: Path, language: str
) -> None:
    (tmp_path / "list.csv").write_bytes(FILE)
    page = await (await chromium.new_context(locale=language, java_script_enabled=False)).new_page()
    await page.goto(f"{address}/groups/{choir}/import?lang={language}")
    await page.set_input_files("#file", tmp_path / "list.csv")
    await page.fill("#since", "01.05.2026")
    await _press(page, "form[action='/groups/import'] button")
    await _press(page, "form[action='/groups/import/apply'] button")
    assert await page.locator(".govuk-notification-banner, .amis-notice, [role=alert], [role=status]").count() >= 1
    async with transaction(CLERK) as tx:
        assert (await roster.get_group(tx, choir, date(2026, 6, 1))).members == 2
    looking = await (await chromium.new_context(locale=language)).new_page()
    found = {}
    for path in ("", "/new", f"/{choir}", f"/{choir}/import"):
        await looking.goto(f"{address}/groups{path}?lang={language}")
        found[path] = await axe(looking)
    await _press(looking, "form[action='/groups/import'] button")
    found["errors"] = await axe(looking)
    await looking.set_input_files("#file", tmp_path / "list.csv")
    await looking.check("input[value=whole]")
    await looking.fill("#since", "01.06.2026")
    await _press(looking, "form[action='/groups/import'] button")
    found["preview"] = await axe(looking)
    assert {name: faults for name, faults in found.items() if faults} == {}
