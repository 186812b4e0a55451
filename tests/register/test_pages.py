"""The pages of the register: no personal data in an address, results masked, faults beside their fields."""

import random
from datetime import date
from uuid import UUID

import httpx
import pytest
from psycopg import AsyncConnection

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service, store
from amis.register.lookups import MOST_A_MINUTE
from amis.register.pages import pages
from amis.register.service import PersonDraft
from sync.personal_code import draw_with_birth_date, hyphenated
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client

CODE = draw_with_birth_date(random.Random(5), date(1979, 7, 7))
FORM = {"code": hyphenated(CODE), "name": "Jānis Kalniņš", "born": "07.07.1979"}


@pytest.fixture
def browser(town: Actor) -> httpx.AsyncClient:
    """The clerk's browser."""
    return client(application(town, pages))


async def test_a_person_is_enrolled_and_found_again_masked(browser: httpx.AsyncClient, town: Actor) -> None:
    answer = await browser.post("/persons/new", data=FORM)
    assert answer.status_code == 303
    person_id = UUID(answer.headers["location"].removeprefix("/persons/").removesuffix("?notice=created"))
    async with transaction(town) as tx:
        view = await store.open_person(tx, person_id, "test")
    assert (view.code, view.name, view.born) == (CODE, "Jānis Kalniņš", date(1979, 7, 7))
    for query in (CODE, "kalni"):
        found = await browser.post("/persons", data={"query": query})
        assert f"/persons/{person_id}" in found.text
        assert "070779-*****" in found.text
        assert "Kalniņš" not in found.text


FAULTS = [
    ("code", "", "Enter the personal code"),
    ("code", "070779-1234", "This is not a Latvian personal code."),
    ("name", "", "Enter the given name and family name"),
    ("name", "123", "A name has letters and at most 200 characters."),
    ("born", "soon", "Enter a day such as 31/05/2026"),
    ("born", "08.07.1979", "The birth date contradicts the personal code"),
]


async def test_a_fault_is_told_beside_its_field(browser: httpx.AsyncClient) -> None:
    for field, typed, message in FAULTS:
        answer = await browser.post("/persons/new", data=FORM | {field: typed})
        assert answer.status_code == 422
        assert answer.text.count(message) == 2, message
        assert f'href="#{field}"' in answer.text


async def test_a_person_who_is_there_already_is_told(browser: httpx.AsyncClient) -> None:
    await browser.post("/persons/new", data=FORM)
    again = await browser.post("/persons/new", data=FORM)
    assert again.status_code == 422
    assert "is in the register already" in again.text


SEARCHES = [
    ("", 422, "Enter a personal code or the beginning of a name"),
    ("070779-1", 422, "This is not a Latvian personal code."),
    ("Nobody", 200, "Nobody was found"),
    ("\x00\ud7ff", 200, "Nobody was found"),
]


async def test_a_search_without_a_result_says_why(browser: httpx.AsyncClient) -> None:
    for query, status, message in SEARCHES:
        answer = await browser.post("/persons", data={"query": query})
        assert answer.status_code == status
        assert message in answer.text


async def test_too_many_look_ups_are_refused_on_the_page(browser: httpx.AsyncClient, town: Actor) -> None:
    async with transaction(town) as tx:
        for _ in range(MOST_A_MINUTE):
            await service.look_up(tx, "ber")
    answer = await browser.post("/persons", data={"query": "ber"})
    assert answer.status_code == 429
    assert "Too many look-ups" in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_are_accessible(town: Actor, chromium: object, language: str) -> None:
    async with transaction(town) as tx:
        await service.enrol(tx, PersonDraft(CODE, "Jānis Kalniņš"))
    async with serving(application(town, pages)) as site:
        page = await chromium.new_page(locale=language)  # type: ignore[attr-defined]
        for address in ("", "/new"):
            await page.goto(f"{site}/persons{address}?lang={language}")
            assert await axe(page) == []
        await page.locator("main form button").click()
        assert await axe(page) == []
        for query in ("kaln", "nobody", ""):
            await page.goto(f"{site}/persons")
            await page.locator("#query").fill(query)
            await page.locator("main form button").click()
            assert await axe(page) == []
        assert page.url == f"{site}/persons"
        await page.close()


async def test_entering_a_code_is_a_look_up_so_that_nobody_is_found_out_unseen(
    browser: httpx.AsyncClient, owner_connection: AsyncConnection
) -> None:
    made = await browser.post("/persons/new", data=FORM)
    person_id = made.headers["location"].removeprefix("/persons/").removesuffix("?notice=created")
    for _ in range(MOST_A_MINUTE):
        told = await browser.post("/persons/new", data=FORM)
        assert "is in the register already" in told.text
    found = await owner_connection.execute("SELECT after FROM audit WHERE action = 'person.search' ORDER BY id")
    shown = [row[0]["shown"] for row in await found.fetchall()]
    assert shown == [[person_id]] * MOST_A_MINUTE
    answer = await browser.post("/persons/new", data=FORM)
    assert "Too many look-ups" in answer.text
    assert "already" not in answer.text
