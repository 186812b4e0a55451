"""The pages of concessions: a form in, a page out, no JavaScript."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser

from amis.concessions import service, store
from amis.concessions.pages import pages
from amis.concessions.seed_lv import seed
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register.law import CalendarDraft, define_calendar
from rules.period import Days
from rules.tariff import Discount, Quota
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client

PENSION = {
    "code": "JLG-OWN",
    "name_lv": "Pensionāri",
    "name_en": "Pensioners",
    "group_code": "NEEDY",
    "legal_basis": "Saistošie noteikumi, 5. punkts",
    "funder": "JLG",
    "discount_kind": "percent",
    "discount_value": "12,5",
    "quota_n": "20",
    "quota_per": "month",
    "zones": "city",
    "valid_from": "01.03.2026",
    "last_day": "31.05.2026",
    "weekdays": ["1", "6"],
    "funder_1": "LV",
    "share_1": "40",
    "funder_2": "JLG",
    "share_2": "60",
    "budget": "1200,50",
}


@pytest.fixture
async def author(jelgava: Actor, state: Actor) -> Actor:
    """An author where the concessions of Latvia are defined already."""
    for actor in (state, jelgava):
        async with transaction(actor) as tx:
            await seed(tx)
    return jelgava


@pytest.fixture
def browser_of_author(author: Actor) -> httpx.AsyncClient:
    """The author's browser."""
    return client(application(author, pages))


async def test_the_list_shows_own_concessions_and_the_states_in_their_groups(
    browser_of_author: httpx.AsyncClient,
) -> None:
    answer = await browser_of_author.get("/concessions")
    assert answer.status_code == 200
    for text in ("JLG-NEEDY20", "LV-DIS-1-2", "State of Latvia", "Needy and low-income", "20 times a calendar month"):
        assert text in answer.text
    assert answer.text.index("JLG-NEEDY20") < answer.text.index("LV-DIS-1-2")


async def test_an_empty_list_says_what_to_do(riga: Actor) -> None:
    answer = await client(application(riga, pages)).get("/concessions")
    assert "There are no concessions yet" in answer.text


async def test_a_concession_is_written_by_its_form_and_shown(
    browser_of_author: httpx.AsyncClient, author: Actor
) -> None:
    answer = await browser_of_author.post("/concessions/new", data=PENSION)
    assert answer.status_code == 303
    shown = await browser_of_author.get(answer.headers["location"])
    for text in ("JLG-OWN", "12.5 % off the price", "20 times a calendar month", "01/03/2026 – 31/05/2026"):
        assert text in shown.text
    for text in ("Mon, Sat", "LV: 40 % of the discount; JLG: 60 % of the discount", "EUR 1,200.50"):
        assert text in shown.text
    async with transaction(author) as tx:
        made = await store.by_code(tx, author.municipality_id or 0, "JLG-OWN")
        assert made is not None
        [row] = made.revisions
    assert (row.valid_from, row.valid_to) == (date(2026, 3, 1), date(2026, 6, 1))
    assert Discount.from_json(row.discount).value == Decimal("12.5")
    assert row.quota is not None
    assert Quota.from_json(row.quota).n == 20


WRONG = PENSION | {"name_lv": "", "goal": "a" * 1001, "discount_value": "NaN", "quota_n": "0", "zones": "moon"}


async def test_each_fault_is_told_beside_its_field_and_nothing_typed_is_lost(
    browser_of_author: httpx.AsyncClient,
) -> None:
    answer = await browser_of_author.post("/concessions/new", data=WRONG | {"valid_from": "31.02.2026"})
    assert answer.status_code == 422
    for field in ("name_lv", "goal", "discount_value", "quota_n", "zones", "valid_from"):
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}-error"' in answer.text
    assert 'value="31.02.2026"' in answer.text


async def test_what_only_the_service_knows_is_told_beside_its_field_too(browser_of_author: httpx.AsyncClient) -> None:
    for field, typed, message in (
        ("code", "JLG-NEEDY20", "This grantor has a concession with this code already."),
        ("group_code", "NONE", "There is no such group of concessions."),
    ):
        answer = await browser_of_author.post("/concessions/new", data=PENSION | {field: typed})
        assert answer.status_code == 422
        assert answer.text.count(message) == 2  # in the summary and beside the field


async def test_a_name_that_looks_like_markup_stays_text(browser_of_author: httpx.AsyncClient) -> None:
    evil = '<script>alert("x")</script>'
    answer = await browser_of_author.post("/concessions/new", data=PENSION | {"name_en": evil})
    for address in (answer.headers["location"], "/concessions"):
        assert evil not in (await browser_of_author.get(address)).text


async def test_new_terms_and_description_are_written_and_an_overlap_is_told(
    browser_of_author: httpx.AsyncClient, author: Actor
) -> None:
    async with transaction(author) as tx:
        row = await store.by_code(tx, author.municipality_id or 0, "JLG-NEEDY20")
        assert row is not None
    address = f"/concessions/{row.id}"
    assert 'value="20"' in (await browser_of_author.get(f"{address}/terms")).text
    overlapping = await browser_of_author.post(f"{address}/terms", data=PENSION)
    assert overlapping.status_code == 422
    assert "Other terms of this concession are in force" in overlapping.text
    following = PENSION | {"valid_from": "01.01.2027", "last_day": ""}
    assert (await browser_of_author.post(f"{address}/terms", data=following)).status_code == 303
    assert "Persons of working age" in (await browser_of_author.get(f"{address}/edit")).text
    assert (await browser_of_author.post(f"{address}/edit", data=PENSION | {"goal": "G-1"})).status_code == 303
    shown = (await browser_of_author.get(address)).text
    assert "Revision 2" in shown
    assert "G-1" in shown


async def test_a_retired_concession_offers_no_forms(browser_of_author: httpx.AsyncClient, author: Actor) -> None:
    async with transaction(author) as tx:
        row = await store.by_code(tx, author.municipality_id or 0, "JLG-REPR20")
        assert row is not None
    answer = await browser_of_author.post(f"/concessions/{row.id}/retire", data={"reason": "repealed"})
    assert answer.status_code == 303
    assert "/terms" not in (await browser_of_author.get(f"/concessions/{row.id}")).text


async def test_a_group_is_added_by_its_form(riga: Actor) -> None:
    browser = client(application(riga, pages))
    assert (await browser.post("/concessions/groups/new", data={"code": "x"})).status_code == 422
    group = {"code": "FAMILY", "name_lv": "Ģimenes", "name_en": "Families"}
    assert (await browser.post("/concessions/groups/new", data=group)).status_code == 303
    assert "Families" in (await browser.get("/concessions/new")).text


async def test_only_the_grantor_gets_the_forms(browser_of_author: httpx.AsyncClient, author: Actor) -> None:
    async with transaction(author) as tx:
        row = await store.by_code(tx, 1, "LV-ORPHAN")
        assert row is not None
    assert "/terms" not in (await browser_of_author.get(f"/concessions/{row.id}")).text
    for address in ("edit", "terms"):
        assert (await browser_of_author.get(f"/concessions/{row.id}/{address}")).status_code == 403
        assert (await browser_of_author.post(f"/concessions/{row.id}/{address}", data=PENSION)).status_code == 403
    assert (await browser_of_author.get(f"/concessions/{uuid4()}")).status_code == 404


async def test_the_form_of_new_terms_is_filled_in_with_the_newest_and_opens_what_they_fill(
    browser_of_author: httpx.AsyncClient, author: Actor
) -> None:
    async with transaction(author) as tx:
        row = await store.by_code(tx, author.municipality_id or 0, "JLG-PUPIL4")
        assert row is not None
    shown = (await browser_of_author.get(f"/concessions/{row.id}/terms")).text
    assert 'value="summer_work"' in shown
    assert "01/09/2026 – 31/05/2027" in shown
    assert shown.count("<details") == 7
    assert shown.count(" open>") == 1
    empty = (await browser_of_author.get("/concessions/new")).text
    assert empty.count(" open>") == 0


async def test_a_calendar_is_taken_over_by_its_name(browser_of_author: httpx.AsyncClient, author: Actor) -> None:
    async with transaction(author) as tx:
        days = Days.parse("{[2026-06-01,2026-09-01)}")
        await define_calendar(tx, CalendarDraft("summer", "vasara", "summer", days))
    assert '<option value="summer"' in (await browser_of_author.get("/concessions/new")).text
    answer = await browser_of_author.post("/concessions/new", data=PENSION | {"calendar_code": "summer"})
    assert "01/06/2026 – 31/08/2026" in (await browser_of_author.get(answer.headers["location"])).text


async def test_cards_are_listed_written_and_refused(browser_of_author: httpx.AsyncClient) -> None:
    assert "There are no card products yet" in (await browser_of_author.get("/concessions/cards")).text
    card = {"code": "JLG-CARD", "name_lv": "Karte", "name_en": "Card", "legal_basis": "5. punkts"}
    card |= {"first_fee": "0", "replacement_fee": "2,85", "valid_months": "120", "valid_from": "01.01.2026"}
    for expected in (303, 422):
        answer = await browser_of_author.post("/concessions/cards/new", data=card)
        assert answer.status_code == expected
    assert "This card product has other fees on some of these days." in answer.text
    assert "EUR 2.85" in (await browser_of_author.get("/concessions/cards")).text


async def test_concessions_are_downloaded(browser_of_author: httpx.AsyncClient) -> None:
    for kind, start, name in (("netex", b"<?xml", ".xml"), ("gtfs", b"rider_category_id,", "rider_categories.txt")):
        answer = await browser_of_author.get(f"/concessions/export/{kind}")
        assert answer.status_code == 200
        assert answer.content.startswith(start)
        assert name in answer.headers["content-disposition"]
        assert b"JLG-PENS" in answer.content


async def test_a_concession_with_every_limit_is_written_without_javascript(author: Actor, chromium: Browser) -> None:
    async with serving(application(author, pages)) as site:
        context = await chromium.new_context(java_script_enabled=False, locale="en")
        page = await context.new_page()
        await page.goto(f"{site}/concessions/new?lang=en")
        for label, typed in (("Code", "JLG-TRAM"), ("Name in Latvian", "Tramvajs"), ("Name in English", "Tram")):
            await page.get_by_label(label, exact=True).fill(typed)
        await page.get_by_label("Group", exact=True).select_option("NEEDY")
        await page.get_by_label("Legal basis").fill("5. punkts")
        await page.get_by_label("Who pays").fill("JLG")
        await page.get_by_label("Free of charge").first.check()
        await page.get_by_text("Modes, routes, providers, places and products").click()
        await page.get_by_label("tram", exact=True).check()
        await page.get_by_label("the holder chooses one of these modes").check()
        await page.get_by_text("Companions, households, applications and order of use").click()
        await page.get_by_label("Last day of the month to apply for the next").fill("27")
        await page.get_by_role("button", name="Save").click()
        assert await page.get_by_role("link", name="Enter a day such as 31/05/2026").count() == 1
        await page.get_by_label("First day").fill("01/01/2026")
        await page.get_by_role("button", name="Save").click()
        said = await page.get_by_role("main").inner_text()
        await context.close()
    assert "tram: the holder chooses one" in said
    assert "asked for by day 27 of a month" in said


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_are_accessible(author: Actor, chromium: Browser, language: str) -> None:
    async with transaction(author) as tx:
        row = await store.by_code(tx, author.municipality_id or 0, "JLG-NEEDY20")
        assert row is not None
        await service.retire(tx, row.id, "")
        other = await store.by_code(tx, author.municipality_id or 0, "JLG-ORPHAN5")
        assert other is not None
    addresses = [
        "",
        "/new",
        "/groups/new",
        "/cards",
        "/cards/new",
        f"/{row.id}",
        f"/{other.id}",
        f"/{other.id}/edit",
        f"/{other.id}/terms",
    ]
    async with serving(application(author, pages)) as site:
        page = await chromium.new_page(locale=language)
        for address in addresses:
            await page.goto(f"{site}/concessions{address}?lang={language}")
            await page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
            assert await axe(page) == [], address
        await page.goto(f"{site}/concessions/new")
        await page.get_by_role("button").last.click()
        assert await axe(page) == []
        await page.close()
