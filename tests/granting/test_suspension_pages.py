"""The pages of suspension orders; in Chromium without JavaScript too."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import AsyncClient
from playwright.async_api import Browser

from amis.granting import suspension_form
from amis.granting.suspension_pages import pages
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register.service import define_fact_kind
from rules.vocabulary import FactKind
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client
from tests.granting.town import CLERK, STATE_ACTOR, Somebody, fact

Make = Callable[..., Awaitable[Somebody]]
AUTHOR = replace(CLERK, id="author-1", permissions=frozenset({"rule.read", "rule.write", "rule.approve"}))
OTHER = replace(AUTHOR, id="approver-1")


def filled(**more: str) -> dict[str, str]:
    """The form of an order for the coming week."""
    first, last = clock.today(), clock.today() + timedelta(days=6)
    blank = dict.fromkeys(suspension_form.FIELDS, "")
    given = {"code": "flu-1", "legal_basis": "Rīkojums Nr. 1", "concessions": "jlg-needy20\nJLG-ORPHAN*"}
    return blank | given | {"valid_from": f"{first:%d.%m.%Y}", "valid_to": f"{last:%d.%m.%Y}"} | more


@pytest.fixture
async def author(town: Actor) -> AsyncClient:
    async with transaction(STATE_ACTOR) as tx:
        await define_fact_kind(tx, FactKind("grade", frozenset(str(number) for number in range(1, 13))))
    return client(application(AUTHOR, pages))


@pytest.fixture
def other(town: Actor) -> AsyncClient:
    return client(application(OTHER, pages))


async def drafted(author: AsyncClient, **more: str) -> str:
    answer = await author.post("/suspensions/new", data=filled(**more))
    assert answer.status_code == 303, re.findall(r'error-message">(.*?)</p>', answer.text, re.S)
    return answer.headers["location"].partition("?")[0]


async def test_an_order_goes_from_a_draft_over_four_eyes_to_its_withdrawal(
    author: AsyncClient, other: AsyncClient, somebody: Make
) -> None:
    anna = await somebody()
    await anna.state(fact("needy", first="2026-01-01", end=None), fact("grade", "7", "2026-01-01", None))
    address = await drafted(author, who_1="grade", values_1="1, 2, 3")
    draft = await author.get(address)
    for text in ("FLU-1", "Draft", "JLG-NEEDY20, JLG-ORPHAN*", "JLG-ORPHAN5", "grade"):
        assert text in draft.text
    assert re.search(r"Persons concerned\s*</dt>\s*<dd[^>]*>\s*1\s*</dd>", draft.text)
    own = await author.post(f"{address}/publish")
    assert own.status_code == 409
    assert "published by somebody else than its author" in own.text
    assert (await other.post(f"{address}/publish")).status_code == 303
    assert "Current" in (await other.get(address)).text
    assert (await other.post(f"{address}/withdraw", data={"reason": " "})).status_code == 409
    assert (await other.post(f"{address}/withdraw", data={"reason": "Gripa beigusies"})).status_code == 303
    assert "Revoked" in (await other.get(address)).text
    listed = await other.get("/suspensions")
    assert "FLU-1" in listed.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "1"}, "code"),
        ({"legal_basis": ""}, "legal_basis"),
        ({"concessions": ""}, "concessions"),
        ({"concessions": "JLG-[A]"}, "concessions"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "32.01.2026"}, "valid_from"),
        ({"valid_to": "01.01.2001"}, "valid_to"),
        ({"values_1": "1"}, "who_1"),
        ({"who_1": "grade", "values_1": "13"}, "who_1"),
        ({"who_2": "grade", "from_2": "soon"}, "from_2"),
        ({"who_1": "grade", "from_1": "02.01.2026", "to_1": "01.01.2026"}, "to_1"),
    ],
)
async def test_a_wrong_field_is_named_beside_it(author: AsyncClient, change: dict[str, str], field: str) -> None:
    answer = await author.post("/suspensions/new", data=filled(**change))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "There are no suspension orders" in (await author.get("/suspensions")).text


async def test_a_code_in_use_is_named(author: AsyncClient) -> None:
    await drafted(author)
    assert "Another suspension order has this code" in (await author.post("/suspensions/new", data=filled())).text


async def test_an_order_that_concerns_no_concession_says_so(author: AsyncClient) -> None:
    page = await author.get(f"{await drafted(author, concessions='XYZ-*')}?lang=lv")
    assert "Nevienam atvieglojumam nav tāda koda" in page.text


async def test_an_unknown_order_is_not_found(author: AsyncClient) -> None:
    assert (await author.get("/suspensions/00000000-0000-7000-8000-000000000000")).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pages_are_accessible_and_work_without_javascript(
    author: AsyncClient, chromium: Browser, language: str
) -> None:
    plain = await (await chromium.new_context(locale=language, java_script_enabled=False)).new_page()
    looking = await (await chromium.new_context(locale=language)).new_page()
    found = {}
    async with serving(application(OTHER, pages)) as site:
        await plain.goto(f"{site}/suspensions/new")
        async with plain.expect_navigation():
            await plain.click("form[action='/suspensions/new'] button")
        assert await plain.locator(".govuk-error-summary").count() == 1
        for name, value in filled(who_1="grade", values_1="1 2 3").items():
            await (plain.select_option if name.startswith("who") else plain.fill)(f"#{name}", value)
        await plain.click("form[action='/suspensions/new'] button")
        await plain.wait_for_url("**notice=created")
        order = plain.url.partition("?")[0]
        for url in (f"{site}/suspensions", f"{site}/suspensions/new", order):
            await looking.goto(url)
            found[url] = await axe(looking)
        await looking.goto(f"{site}/suspensions/new")
        async with looking.expect_navigation():
            await looking.click("form[action='/suspensions/new'] button")
        found["errors"] = await axe(looking)
    assert {name: faults for name, faults in found.items() if faults} == {}
