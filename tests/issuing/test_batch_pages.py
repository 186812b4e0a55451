"""Pages of orders to a bureau: made, downloaded, sent, answered."""

from io import BytesIO
from zipfile import ZipFile

import httpx
import pytest

from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from tests.concessions.doors import client
from tests.issuing.cards_town import PRODUCT, approved, product
from tests.issuing.stock_doors import back_office
from tests.issuing.town import entitled, token


@pytest.fixture
def page(town: Actor) -> httpx.AsyncClient:
    return client(back_office())


async def ordered(page: httpx.AsyncClient) -> str:
    answer = await page.post("/batches", data={"product": PRODUCT, "which": "all"})
    assert answer.status_code == 303
    return answer.headers["location"].partition("?")[0]


async def answered(page: httpx.AsyncClient, address: str, text: str) -> httpx.Response:
    file = {"file": ("answer.csv", text.encode(), "text/csv")}
    return await page.post("/batches/answer", data={"batch": address.rpartition("/")[2]}, files=file)


async def test_an_order_is_made_sent_and_answered(page: httpx.AsyncClient) -> None:
    await product()
    card = await approved(await entitled())
    address = await ordered(page)
    with ZipFile(BytesIO((await page.get(f"{address}/order.zip")).content)) as packed:
        assert "Žanete Šķēle" in packed.read("cards.jsonl").decode()
    signature = await page.get(f"{address}/order.sig")
    assert 'filename="order-JLG-1.sig"' in signature.headers["content-disposition"]
    assert (await page.post(f"{address}/send")).status_code == 303
    line = f"line;number;result;uid\n1;{card.number};produced;04A1B2C3D4E5F6\n"
    shown = await answered(page, address, line)
    assert "Take the answer" in shown.text
    assert (await token(card.id)).state == "approved"
    taken = await page.post(
        "/batches/answer/apply",
        data={"batch": address.rpartition("/")[2], "rows": f"1;{card.number};produced;04a1b2c3d4e5f6;"},
    )
    assert taken.headers["location"] == f"{address}?notice=saved"
    assert (await token(card.id)).state == "produced"
    after = (await page.get(address)).text
    assert "04A1B2C3D4E5F6" in after
    assert "Answered" in after
    assert "Answered" in (await page.get("/batches")).text


async def test_faults_are_shown_by_their_row_and_nothing_can_be_taken(page: httpx.AsyncClient) -> None:
    await product()
    card = await approved(await entitled())
    address = await ordered(page)
    await page.post(f"{address}/send")
    shown = (await answered(page, address, f"1;{card.number};lost\n7;{card.number};spoiled\n")).text
    for expected in ("The result is neither produced nor spoiled", "The order has no such line"):
        assert expected in shown
    assert "Take the answer" not in shown


async def test_what_is_no_answer_is_refused_beside_the_field(page: httpx.AsyncClient) -> None:
    await product()
    await approved(await entitled())
    address = await ordered(page)
    unsent = await answered(page, address, "1;X;spoiled")
    assert (unsent.status_code, "Say first that the order was sent" in unsent.text) == (422, True)
    await page.post(f"{address}/send")
    empty = await page.post("/batches/answer", data={"batch": address.rpartition("/")[2]})
    assert (empty.status_code, "Choose a file" in empty.text) == (422, True)
    unreadable = await answered(page, address, "\0\0")
    assert unreadable.status_code == 422
    for data in ({}, {"batch": str(new_id()), "rows": ""}, {"batch": "x", "rows": "1;2"}):
        assert (await page.post("/batches/answer/apply", data=data)).status_code == 400


async def test_an_order_of_nothing_says_so(page: httpx.AsyncClient) -> None:
    await product()
    answer = await page.post("/batches", data={"product": PRODUCT, "which": "posted"})
    assert (answer.status_code, "No approved card waits to be ordered" in answer.text) == (422, True)
    assert "Nothing has been ordered yet" in answer.text
    assert (await page.get(f"/batches/{new_id()}")).status_code == 404
