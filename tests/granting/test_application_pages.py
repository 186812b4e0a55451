"""The pages of applications: the form, the queue, a decision; in Chromium without JavaScript too."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from httpx import AsyncClient
from playwright.async_api import Browser
from starlette.types import Receive, Scope, Send

from amis.granting.application_pages import pages
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service as register
from amis.staff.caller import SESSION
from amis.staff.store import FoundSession
from rules.period import EMPTY
from rules.terms import Terms
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client
from tests.granting.offers import offer
from tests.granting.town import CLERK, Somebody, fact

Make = Callable[..., Awaitable[Somebody]]
MAY = frozenset({"application.read", "application.write", "application.decide", "person.read", "concession.read"})
DECIDER = replace(CLERK, permissions=MAY)
TRAM_OR_BUS = Terms(modes=frozenset({"tram", "bus"}), holder_mode=True, per_household=1, cut_off_day=27)
WHY = "purpose=application"


@pytest.fixture
def browser(town: Actor) -> AsyncClient:
    return client(application(DECIDER, pages))


@pytest.fixture
async def anna(somebody: Make) -> Somebody:
    one = await somebody()
    await one.state(fact("large_family", first="2026-01-01", end=None))
    return one


async def applied(browser: AsyncClient, person: Somebody, concession: UUID, choice: str = "tram") -> str:
    """The address of a new application."""
    answer = await browser.post(
        f"/persons/{person.id}/applications/new", data={"concession": str(concession), "choice": choice}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


async def test_an_application_goes_from_the_form_over_the_queue_to_a_right(
    browser: AsyncClient, anna: Somebody
) -> None:
    concession = await offer(terms=TRAM_OR_BUS)
    form = await browser.get(f"/persons/{anna.id}/applications/new?{WHY}")
    assert "Large family" in form.text
    assert "the holder chooses one mode of transport" in form.text
    address = await applied(browser, anna, concession)
    listed = await browser.get("/applications")
    assert f'href="{address}"' in listed.text
    page = await browser.get(f"{address}?{WHY}")
    for text in ("Large family", "tram", "0; at most 1 may have it", "Saistošie noteikumi, 5. punkts", "Approve"):
        assert text in page.text
    assert (await browser.post(f"{address}/approve")).status_code == 303
    assert (await anna.granted())["T-FAMILY"] != EMPTY
    assert "There are no such applications" in (await browser.get("/applications")).text
    assert f'href="{address}"' in (await browser.get("/applications?state=approved")).text
    assert (await browser.post(f"{address}/approve?{WHY}")).status_code == 422


async def test_a_household_that_has_enough_is_told_beside_the_button(
    browser: AsyncClient, anna: Somebody, somebody: Make
) -> None:
    concession, juris = await offer(terms=TRAM_OR_BUS), await somebody()
    async with transaction(CLERK) as tx:
        home = await register.open_household(tx)
        for one in (anna, juris):
            await register.join_household(tx, one.id, home, date(2026, 1, 1), None, "clerk")
    await browser.post(f"{await applied(browser, anna, concession)}/approve")
    address = await applied(browser, juris, concession)
    refused = await browser.post(f"{address}/approve?{WHY}")
    assert refused.status_code == 422
    assert "The household has as many of this concession as it may." in refused.text
    assert "1; at most 1 may have it" in refused.text
    assert (await browser.post(f"{address}/refuse?{WHY}", data={"refuse_reason": ""})).status_code == 422
    assert (await browser.post(f"{address}/refuse", data={"refuse_reason": "Otrs vecāks"})).status_code == 303
    assert "Otrs vecāks" in (await browser.get(f"{address}?{WHY}")).text


async def test_an_application_is_withdrawn_for_a_reason(browser: AsyncClient, anna: Somebody) -> None:
    address = await applied(browser, anna, await offer(terms=TRAM_OR_BUS))
    assert (await browser.post(f"{address}/withdraw?{WHY}", data={})).status_code == 422
    assert (await browser.post(f"{address}/withdraw", data={"withdraw_reason": "Pārdomāja"})).status_code == 303
    assert "Withdrawn" in (await browser.get(f"{address}?{WHY}")).text


@pytest.mark.parametrize(
    ("data", "field"),
    [({}, "concession"), ({"concession": "x"}, "concession"), ({"choice": "train"}, "choice")],
)
async def test_a_wrong_field_is_named_and_nothing_is_kept(
    browser: AsyncClient, anna: Somebody, data: dict[str, str], field: str
) -> None:
    concession = await offer(terms=TRAM_OR_BUS)
    given = {"concession": str(concession)} | data if "choice" in data else data
    answer = await browser.post(f"/persons/{anna.id}/applications/new?{WHY}", data=given)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "There are no such applications" in (await browser.get("/applications")).text


async def test_the_pages_of_a_person_ask_for_a_purpose(browser: AsyncClient, anna: Somebody) -> None:
    address = await applied(browser, anna, await offer(terms=TRAM_OR_BUS))
    assert (await browser.get(address)).status_code == 403
    assert (await browser.get(f"/persons/{anna.id}/applications/new")).status_code == 403


async def test_without_anything_to_apply_for_the_form_says_so(browser: AsyncClient, anna: Somebody) -> None:
    page = await browser.get(f"/persons/{anna.id}/applications/new?{WHY}&lang=lv")
    assert "Neviens atvieglojums netiek piešķirts pēc pieteikuma" in page.text


@pytest.fixture
async def address(anna: Somebody) -> AsyncIterator[str]:
    """The pages with somebody signed in who has stated a purpose for the person."""
    app = application(DECIDER, pages)
    purposes = {str(anna.id): "application"}
    session = FoundSession(
        UUID(int=1), "open", UUID(int=2), 2, "Jelgava", CLERK.label, "clerk@example.lv", ("clerk",), purposes
    )

    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, SESSION: session}, receive, send)

    async with serving(signed_in) as running:
        yield running


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pages_are_accessible_and_work_without_javascript(
    chromium: Browser, address: str, anna: Somebody, somebody: Make, language: str
) -> None:
    concession = await offer(terms=TRAM_OR_BUS)
    async with transaction(CLERK) as tx:
        parent = await somebody()
        await register.relate(tx, parent.id, "ward", anna.id, date(2026, 1, 1), None, "clerk", "Lēmums")
    plain = await (await chromium.new_context(locale=language, java_script_enabled=False)).new_page()
    looking = await (await chromium.new_context(locale=language)).new_page()
    form = f"{address}/persons/{anna.id}/applications/new"
    found = {}
    for url in (form, f"{address}/applications"):
        await looking.goto(url)
        found[url] = await axe(looking)
    await plain.goto(form)
    button = f"form[action='/persons/{anna.id}/applications/new'] button"
    await plain.check(f"input[value='{concession}']")
    async with plain.expect_navigation():
        await plain.click(button)
    assert await plain.locator(".govuk-error-summary").count() == 1
    await plain.select_option("#choice", "tram")
    async with plain.expect_navigation():
        await plain.click(button)
    case = plain.url.partition("?")[0]
    await looking.goto(case)
    found[case] = await axe(looking)
    await plain.click("form[action$='/approve'] button")
    await plain.wait_for_url("**notice=application-approved")
    await looking.goto(f"{address}/applications?state=approved")
    found["approved"] = await axe(looking)
    assert {name: faults for name, faults in found.items() if faults} == {}
