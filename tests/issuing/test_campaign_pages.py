"""Pages of mass renewal."""

import csv
from io import StringIO

import httpx
import pytest

from amis.issuing import campaign_store
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from cards.number import readable_number
from tests.concessions.doors import client
from tests.issuing.cards_town import PRODUCT, in_use, product
from tests.issuing.stock_doors import back_office
from tests.issuing.test_campaigns import JULY, lasting, run
from tests.issuing.town import acting, state

FORM = {"name": "Vasara 2027", "product": PRODUCT, "expiring_to": "31.07.2027.", "keep_until": "31.12.2027."}


@pytest.fixture
def page(town: Actor) -> httpx.AsyncClient:
    return client(back_office())


async def test_a_campaign_is_begun_followed_and_its_holders_are_invited(page: httpx.AsyncClient) -> None:
    await product()
    old = await in_use(await lasting(name="=SUM(A1)"))
    without = await lasting("320202-10001")
    left = await in_use(without)
    await state(without, "disability", "I", "2026-01-01", "2026-12-31", 2)
    with clock.moved(JULY):
        begun = await page.post("/campaigns", data=FORM | {"delivery": "post"})
        address, _, notice = begun.headers["location"].partition("?")
        assert notice == "notice=campaign-started"
        assert "The worker goes through the cards" in (await page.get(address)).text
        (campaign,) = await acting(campaign_store.list_campaigns)
        await run(campaign)
        shown = (await page.get(address)).text
        listed = await page.get(f"{address}/invitations.csv")
        assert "Vasara 2027" in (await page.get("/campaigns")).text
    assert "The person has no concession now that a token could carry" in shown
    assert f"/tokens/{left.id}" in shown
    (row,) = csv.DictReader(StringIO(listed.content.decode("utf-8-sig")))
    assert (row["name"], row["old_card"]) == ("'=SUM(A1)", readable_number(old.number))
    assert (row["kept_until"], row["delivery"], row["new_state"]) == ("2027-12-31", "post", "approved")


WRONG = (
    ({"name": ""}, "A campaign has a name"),
    ({"expiring_to": "soon"}, "Enter a day such as"),
    ({"keep_until": "30.07.2027."}, "Cards that expire from today on"),
    ({"product": "NONE"}, "Choose one of the card products"),
    ({"delivery": "pigeon"}, "Choose one of the listed reasons"),
    (dict.fromkeys(FORM, ""), "Enter a day such as"),
)


async def test_what_is_wrong_is_said_beside_the_field(page: httpx.AsyncClient) -> None:
    await product()
    for wrong, why in WRONG:
        answer = await page.post("/campaigns", data=FORM | {"delivery": "desk"} | wrong)
        assert (answer.status_code, why in answer.text) == (422, True), wrong
        assert "There has been no campaign yet" in answer.text
    assert (await page.get(f"/campaigns/{new_id()}")).status_code == 404
