"""Printing at a desk: encoded first, one job after another, and never twice by itself."""

from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from pypdfium2 import PdfDocument
from sqlalchemy import text

from amis.issuing import print_queue
from amis.issuing.desks import make_desk
from amis.issuing.errors import DeskUnknown, NotEncoded, PrinterMissing, PrintGoesOn, PrintJobUnknown
from amis.issuing.photos import take_photo
from amis.issuing.stock_models import PrintJob
from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from cards.number import readable_number
from cards.portrait import Portrait
from tests.issuing.cards_town import approved, desk, encoded, product
from tests.issuing.town import acting, entitled


async def asked(token: UUID, at: UUID, kind: print_queue.PrintKind = "face") -> PrintJob:
    return await acting(lambda tx: print_queue.queue_print(tx, token, at, kind))


async def taken(at: UUID) -> PrintJob | None:
    return await acting(lambda tx: print_queue.next_print_job(tx, at))


async def states(at: UUID) -> list[str]:
    return [job.state for job in await acting(lambda tx: print_queue.jobs_at(tx, at))]


async def test_jobs_go_to_the_printer_one_after_another(town: Actor) -> None:
    await product()
    here, card = await desk(), await encoded(await entitled())
    face, letter = await asked(card.id, here), await asked(card.id, here, "letter")
    first = await taken(here)
    assert first is not None
    assert first.id == face.id
    assert await taken(here) is None
    await acting(lambda tx: print_queue.printed(tx, face.id))
    second = await taken(here)
    assert second is not None
    assert second.id == letter.id
    await acting(lambda tx: print_queue.printed(tx, letter.id, "out of paper"))
    await acting(lambda tx: print_queue.printed(tx, letter.id))
    assert await states(here) == ["failed", "printed"]
    assert await taken(here) is None


async def test_a_card_is_written_before_it_is_printed(town: Actor) -> None:
    await product()
    here, card = await desk(), await approved(await entitled())
    with pytest.raises(NotEncoded):
        await asked(card.id, here)


async def test_a_job_whose_desk_went_away_waits_for_somebody_to_look(town: Actor) -> None:
    await product()
    here, card = await desk(), await encoded(await entitled())
    job = await asked(card.id, here)
    await taken(here)
    await acting(lambda tx: print_queue.desk_left(tx, here))
    assert await states(here) == ["failed"]
    assert await taken(here) is None
    again = await acting(lambda tx: print_queue.print_again(tx, job.id))
    assert again.id != job.id
    assert await states(here) == ["queued", "failed"]


async def test_what_cannot_be_printed_is_refused(town: Actor) -> None:
    await product()
    here, card = await desk(), await encoded(await entitled())
    bare = await acting(lambda tx: make_desk(tx, "Bez printera"))
    await asked(card.id, here)
    for error, deed in (
        (PrintGoesOn, lambda tx: print_queue.queue_print(tx, card.id, here, "face")),
        (PrinterMissing, lambda tx: print_queue.queue_print(tx, card.id, bare.id, "face")),
        (DeskUnknown, lambda tx: print_queue.queue_print(tx, card.id, new_id(), "face")),
        (PrintJobUnknown, lambda tx: print_queue.printed(tx, new_id())),
    ):
        with pytest.raises(error):
            await acting(deed)


async def test_the_face_shows_whose_card_it_is_and_opening_that_is_logged(town: Actor) -> None:
    await product()
    here, person = await desk(), await entitled()
    picture = BytesIO()
    Image.new("RGB", (413, 531), "teal").save(picture, "JPEG")
    await acting(lambda tx: take_photo(tx, person, Portrait(picture.getvalue()), "upload"))
    card = await encoded(person)
    await asked(card.id, here)
    pdf = await acting(lambda tx: _document(tx, here))
    with PdfDocument(pdf) as document:
        said = document[0].get_textpage().get_text_bounded()
    for expected in ("Žanete Šķēle", readable_number(card.number)):
        assert expected in said
    read = "SELECT count(*) FROM audit WHERE action IN ('person.read', 'photo.read') AND reason = 'card print'"
    assert await acting(lambda tx: tx.session.scalar(text(read))) == 2


async def test_the_letter_names_the_rights_and_carries_no_credential(town: Actor) -> None:
    await product()
    here, card = await desk(), await encoded(await entitled(), delivery="post")
    await asked(card.id, here, "letter")
    with PdfDocument(await acting(lambda tx: _document(tx, here))) as document:
        said = document[0].get_textpage().get_text_bounded()
    assert "Jūsu atvieglojumu karte" in said
    assert "invaliditāti" in said


async def _document(tx, at: UUID) -> bytes:
    job = await print_queue.next_print_job(tx, at)
    assert job is not None
    return await print_queue.print_document(tx, job)
