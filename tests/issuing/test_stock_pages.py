"""The page of blank cards."""

from dataclasses import replace

import httpx
import pytest

from amis.issuing import stock
from amis.kernel.actor import Actor
from tests.concessions.doors import client
from tests.issuing.cards_town import PRODUCT, desk, product
from tests.issuing.stock_doors import KEEPER, back_office
from tests.issuing.town import acting


@pytest.fixture
def page(town: Actor) -> httpx.AsyncClient:
    return client(back_office())


def form(kind: str, place: str = "store", pieces: str = "10", note: str = "Pavadzīme 17") -> dict[str, str]:
    return {"kind": kind, "product": PRODUCT, "place": place, "pieces": pieces, "note": note}


async def test_without_a_card_product_it_says_what_to_do_first(page: httpx.AsyncClient) -> None:
    shown = (await page.get("/stock")).text
    assert "No blank card has been entered yet" in shown
    assert "First define a card" in shown
    assert 'action="/stock"' not in shown


async def test_a_delivery_goes_to_a_desk_and_is_counted_there(page: httpx.AsyncClient) -> None:
    await product()
    here = str(await desk())
    for sent in (
        form("received", pieces="100"),
        form("allocated", here, "30"),
        form("spoiled", here, "2"),
        form("returned", here, "8"),
        form("destroyed", pieces="3"),
        form("counted", here, "19", "Viena pazudusi"),
    ):
        answer = await page.post("/stock", data=sent)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/stock?notice=recorded-movement")
    shown = (await page.get("/stock")).text
    for expected in ("Lielā iela 11", "Jelgava card", "Viena pazudusi", "+100", "-30", "Counted"):
        assert expected in shown
    assert {one.desk: one.pieces for one in await acting(stock.balances)} == {"": 75, "Lielā iela 11": 19}


WRONG = (
    (form(""), "Choose what happened"),
    (form("allocated"), "Choose a desk"),
    (form("received", pieces="ten"), "Enter a whole number of cards"),
    (form("received", pieces="²"), "Enter a whole number of cards"),
    (form("received", note=""), "Say what happened"),
    (form("destroyed"), "There are fewer cards than that"),
    (form("received") | {"product": "NONE"}, "Choose one of the card products"),
    ({}, "Enter a whole number of cards"),
)


async def test_what_is_wrong_is_said_beside_the_field(page: httpx.AsyncClient) -> None:
    await product()
    for sent, why in WRONG:
        answer = await page.post("/stock", data=sent)
        assert (answer.status_code, why in answer.text) == (422, True), sent
    assert await acting(stock.movements) == []


async def test_whoever_only_reads_gets_no_form(town: Actor) -> None:
    await product()
    reader = client(back_office(replace(KEEPER, permissions=frozenset({"stock.read"}))))
    assert 'action="/stock"' not in (await reader.get("/stock")).text
