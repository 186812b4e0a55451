"""The page on which a card is printed."""

from dataclasses import replace

import httpx
import pytest
from pypdfium2 import PdfDocument

from amis.issuing import print_queue
from amis.issuing.print_pages import pages
from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from cards.number import readable_number
from tests.concessions.doors import application, client
from tests.issuing.cards_town import approved, desk, encoded, product
from tests.issuing.town import CLERK, acting, entitled


@pytest.fixture
def page(town: Actor) -> httpx.AsyncClient:
    return client(application(replace(CLERK, permissions=CLERK.permissions | {"card.produce"}), pages))


async def test_a_face_goes_to_the_desk_that_was_chosen(page: httpx.AsyncClient) -> None:
    await product()
    here, card = await desk(), await encoded(await entitled())
    address = f"/tokens/{card.id}/prints"
    assert "Print jobs" not in (await page.get(address)).text
    answer = await page.post(address, data={"what": "face", "place": str(here)})
    assert answer.headers["location"] == f"{address}?notice=print-queued"
    shown = (await page.get(address)).text
    for expected in ("Face of the card", "Lielā iela 11", "Waiting"):
        assert expected in shown
    again = await page.post(address, data={"what": "face", "place": str(here)})
    assert (again.status_code, "The printer has this job" in again.text) == (422, True)
    assert len(await acting(lambda tx: print_queue.jobs_at(tx, here))) == 1


@pytest.mark.parametrize("what", ["face", "letter"])
async def test_without_a_printer_it_is_a_file(page: httpx.AsyncClient, what: str) -> None:
    await product()
    card = await encoded(await entitled())
    answer = await page.post(f"/tokens/{card.id}/prints", data={"what": what, "place": "file"})
    assert answer.headers["content-disposition"] == f'attachment; filename="{what}.pdf"'
    with PdfDocument(answer.content) as document:
        assert readable_number(card.number) in document[0].get_textpage().get_text_bounded()


async def test_what_cannot_be_printed_is_said_beside_the_field(page: httpx.AsyncClient) -> None:
    await product()
    card, unwritten = await encoded(await entitled()), await approved(await entitled("320202-10001"))
    address = f"/tokens/{card.id}/prints"
    for sent, why in (
        ({}, "Choose what is to be printed"),
        ({"what": "face"}, "Choose a printer or the file"),
        ({"what": "face", "place": str(new_id())}, "Choose a printer or the file"),
    ):
        answer = await page.post(address, data=sent)
        assert (answer.status_code, why in answer.text) == (422, True)
    early = await page.post(f"/tokens/{unwritten.id}/prints", data={"what": "face", "place": "file"})
    assert (early.status_code, "The chip of this card is not written yet" in early.text) == (422, True)
    assert (await page.get(f"/tokens/{new_id()}/prints")).status_code == 404
