"""The page of a desk and the page on which desks are set up, as clerks and administrators meet them."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from httpx import AsyncClient

from amis.issuing import desk_store, operations
from amis.issuing.models import Token
from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from amis.staff import machine_service
from cards.jwk import jwk
from cards.number import new_number
from tests.browser import serving
from tests.issuing.cards_town import approved, desk, encoded, in_use, product
from tests.issuing.doors import client, house
from tests.issuing.town import CLERK, CODES, acting, entitled, token

WORKER = replace(CLERK, permissions=CLERK.permissions | {"card.produce", "card.request", "terminal.write"})


@pytest.fixture
async def anna(town: Actor) -> UUID:
    """Somebody with concessions, in a town that has a card."""
    await product()
    return await entitled()


@pytest.fixture
async def browser(town: Actor) -> AsyncIterator[AsyncClient]:
    async with client(house(WORKER)) as opened:
        yield opened


async def test_the_first_desk_is_made_named_and_gets_a_code_that_is_shown_once(browser: AsyncClient) -> None:
    assert "There is no desk yet" in (await browser.get("/desks")).text
    nameless = await browser.post("/desks", data={"name": "", "address": "Lielā iela 11", "printer": ""})
    assert nameless.status_code == 422
    assert "Enter a name of at most 60 characters." in nameless.text
    assert 'value="Lielā iela 11"' in nameless.text
    made = await browser.post("/desks", data={"name": "3. logs", "address": "", "printer": ""})
    assert made.status_code == 201
    code = re.search("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", made.text)
    assert code is not None
    assert "<svg" in made.text
    later = (await browser.get("/desks")).text
    assert "3. logs" in later
    assert "Not paired yet" in later
    assert code[0] not in later


async def test_a_fingerprint_is_compared_and_approved_and_a_desk_is_revoked(browser: AsyncClient) -> None:
    desk_id = await desk()
    await browser.post(f"/desks/{desk_id}/code")
    code = await acting(lambda tx: machine_service.pairing_code(tx, desk_id))
    key = jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
    paired = await acting(lambda tx: machine_service.use_code(tx, code, key))
    assert paired.fingerprint in (await browser.get("/desks")).text
    assert (await browser.post(f"/desks/{desk_id}/approve")).headers["location"] == "/desks?notice=desk-approved"
    assert "Not connected" in (await browser.get("/desks?notice=desk-approved")).text
    assert (await browser.post(f"/desks/{desk_id}/approve")).status_code == 409
    assert (await browser.post(f"/desks/{desk_id}/revoke")).status_code == 303
    page = (await browser.get("/desks")).text
    assert "Revoked" in page
    assert "Pairing code" not in page
    assert (await browser.post(f"/desks/{desk_id}/code")).status_code == 409


async def test_who_has_one_desk_works_at_it_and_who_has_more_chooses(browser: AsyncClient) -> None:
    assert "There is no desk yet" in (await browser.get("/desk")).text
    first = await desk("first")
    assert (await browser.get("/desk")).headers["location"] == f"/desk/{first}"
    await desk("second")
    page = await browser.get("/desk")
    assert page.status_code == 200
    assert "second" in page.text


async def test_an_approved_card_waits_there_and_enter_starts_it(browser: AsyncClient, anna: UUID) -> None:
    desk_id = await desk()
    assert "Nothing waits for this desk" in (await browser.get(f"/desk/{desk_id}")).text
    card = await approved(anna)
    page = (await browser.get(f"/desk/{desk_id}")).text
    assert "Not connected" in page
    assert card.number[-4:] in page
    assert "Žanete" not in page
    assert re.search(r"<button[^>]*data-focus[^>]*>\s*Make the card", page)
    begun = await browser.post(f"/desk/{desk_id}/work", data={"token": str(card.id), "kind": "personalise"})
    assert begun.status_code == 303
    page = (await browser.get(f"/desk/{desk_id}")).text
    assert "The desk&#39;s program is not connected" in page
    assert "data-escape" in page
    twice = await browser.post(f"/desk/{desk_id}/work", data={"token": str(card.id), "kind": "personalise"})
    assert twice.status_code == 409
    assert "at work already" in twice.text
    asked = await acting(lambda tx: desk_store.newest_operation(tx, desk_id))
    assert asked is not None
    await browser.post(f"/desk/{desk_id}/stop", data={"operation": str(asked.id)})
    page = (await browser.get(f"/desk/{desk_id}")).text
    assert "Stopped" in page
    assert re.search(r"<button[^>]*data-focus[^>]*>\s*Try again", page)


async def test_a_card_that_waits_is_made_too_when_it_is_found_by_its_number(browser: AsyncClient, anna: UUID) -> None:
    elsewhere, desk_id, card = await desk("other"), await desk(), await approved(anna)
    asked = await acting(lambda tx: operations.ask(tx, elsewhere, card.id, "personalise"))
    await acting(lambda tx: operations.stop(tx, asked.id))
    found = await browser.post(f"/desk/{desk_id}/find", data={"number": card.number})
    panel = (await browser.get(found.headers["location"])).text.partition('id="card"')[2]
    assert "Make the card" in panel
    made = await encoded(await entitled(CODES[0]))
    panel = (await browser.get(f"/desk/{desk_id}?token={made.id}")).text.partition('id="card"')[2]
    assert "Make the card" not in panel


async def test_a_made_card_is_handed_over(browser: AsyncClient, anna: UUID) -> None:
    desk_id, card = await desk(), await encoded(anna)
    assert "Hand over" in (await browser.get(f"/desk/{desk_id}")).text
    given = await browser.post(f"/desk/{desk_id}/hand-over", data={"token": str(card.id)})
    assert given.headers["location"] == f"/desk/{desk_id}?notice=card-handed-over"
    assert (await token(card.id)).state == "active"
    page = (await browser.get(given.headers["location"])).text
    assert "The card is active." in page
    again = await browser.post(f"/desk/{desk_id}/hand-over", data={"token": str(card.id)})
    assert again.status_code == 409


async def test_a_lost_card_is_found_by_its_number_and_blocked_in_one_step(browser: AsyncClient, anna: UUID) -> None:
    desk_id, card = await desk(), await in_use(anna)
    for typed, said in (("ABC", "mistyped"), (new_number(), "no card with this number")):
        missed = await browser.post(f"/desk/{desk_id}/find", data={"number": typed})
        assert missed.status_code == 422
        assert said in missed.text
    found = await browser.post(f"/desk/{desk_id}/find", data={"number": card.number.lower()})
    assert found.headers["location"] == f"/desk/{desk_id}?token={card.id}"
    page = (await browser.get(found.headers["location"])).text
    for offered in ("Block it and ask for a new card", "Check the card", "Bring the card up to date"):
        assert offered in page
    assert "Empty the chip" not in page
    unsaid = await browser.post(f"/desk/{desk_id}/lost", data={"token": str(card.id)})
    assert unsaid.status_code == 422
    assert 'href="#lost_reason"' in unsaid.text
    told = {"token": str(card.id), "lost_reason": "stolen", "police_reference": "11815-2026/41"}
    lost = await browser.post(f"/desk/{desk_id}/lost", data=told)
    assert lost.headers["location"].startswith("/card-requests/")
    assert ((await token(card.id)).state, (await token(card.id)).reason) == ("blocked", "stolen")
    page = (await browser.get(found.headers["location"])).text
    assert "never made active again" in page
    assert "Block it and ask" not in page


async def test_nothing_is_found_that_is_not_there(browser: AsyncClient, anna: UUID) -> None:
    desk_id, nobody = await desk(), str(new_id())
    assert (await browser.get(f"/desk/{nobody}")).status_code == 404
    assert (await browser.get(f"/desk/{nobody}/stream")).status_code == 404
    assert (await browser.get(f"/desk/{desk_id}?token={nobody}")).status_code == 404
    for step in ("work", "stop", "hand-over", "spoil", "lost"):
        given = {"token": nobody, "kind": "verify", "operation": nobody, "lost_reason": "lost"}
        assert (await browser.post(f"/desk/{desk_id}/{step}", data=given)).status_code == 404, step
        assert (await browser.post(f"/desk/{nobody}/{step}", data=given)).status_code == 404, step
        empty = await browser.post(f"/desk/{desk_id}/{step}", data={})
        assert empty.status_code in (404, 409, 422), step


async def test_the_page_follows_by_itself(town: Actor, anna: UUID) -> None:
    desk_id, card = await desk(), await approved(anna)
    told = await _streamed(desk_id, card)
    assert told.index("event: now") < told.index("event: waiting")
    assert "Make the card" in told
    assert "Stopped" in told
    assert "autofocus" not in told


async def _streamed(desk_id: UUID, card: Token) -> str:
    """What the stream says while somebody asks for work and stops it again."""
    told = ""
    async with (
        serving(house(WORKER)) as address,
        AsyncClient() as browser,
        browser.stream("GET", f"{address}/desk/{desk_id}/stream?lang=en") as stream,
        asyncio.timeout(8),
    ):
        asked = await acting(lambda tx: operations.ask(tx, desk_id, card.id, "personalise"))
        await acting(lambda tx: operations.stop(tx, asked.id))
        async for text in stream.aiter_text():
            told += text
            if "Stopped" in told and "event: waiting" in told:
                break
    return told
