"""Orders to a bureau: no card is ordered twice, an answer is taken whole or not at all."""

import json
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import pytest

from amis.issuing import batch_answers, batch_store, batches, stock
from amis.issuing.batch_files import Answered
from amis.issuing.errors import AnswerFaulty, BatchAnswered, BatchEmpty, BatchNotSent, BatchUnknown, NotEncoded
from amis.issuing.handover import hand_over
from amis.issuing.models import Token
from amis.issuing.production import produced
from amis.issuing.stock_models import BureauBatch
from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from tests.issuing.cards_town import PRODUCT, approved, desk, encoded, new_uid, product
from tests.issuing.town import CODES, acting, entitled, token


async def ordered(*, posted_only: bool = False) -> BureauBatch:
    return await acting(lambda tx: batches.make_batch(tx, PRODUCT, posted_only=posted_only))


async def two_cards() -> tuple[Token, Token]:
    await product()
    first = await approved(await entitled(), delivery="post")
    return first, await approved(await entitled(CODES[0], "Jānis Bērziņš"))


async def sent(batch: BureauBatch) -> None:
    await acting(lambda tx: batches.send_batch(tx, batch.id))


async def answer(batch: BureauBatch, *lines: Answered, really: bool = True) -> batch_answers.Taken:
    taking = batch_answers.take_answer if really else batch_answers.try_answer
    return await acting(lambda tx: taking(tx, batch.id, lines))


def made(row: int, card: Token, uid: bytes) -> Answered:
    return Answered(row, row, card.number, "produced", uid, "")


def spoiled(row: int, card: Token) -> Answered:
    return Answered(row, row, card.number, "spoiled", None, "salocīta")


async def state(batch_id: UUID) -> str:
    return (await acting(lambda tx: batch_store.get_batch(tx, batch_id))).state


async def test_an_order_holds_each_waiting_card_once(town: Actor) -> None:
    first, second = await two_cards()
    posted = await ordered(posted_only=True)
    rest = await ordered()
    assert (posted.number, rest.number) == (1, 2)
    cards = [
        [card.token.id for card in await acting(lambda tx, one=one: batch_store.batch_cards(tx, one.id))]
        for one in (posted, rest)
    ]
    assert cards == [[first.id], [second.id]]
    with pytest.raises(BatchEmpty):
        await ordered()


async def test_the_file_has_every_card_and_no_key_and_reading_it_is_logged(town: Actor) -> None:
    await two_cards()
    batch = await ordered()
    order, file = await acting(lambda tx: batches.batch_file(tx, batch.id, "pasūtījums birojam"))
    again = await acting(lambda tx: batches.batch_file(tx, batch.id, "pasūtījums birojam"))
    assert again == (order, file)
    with ZipFile(BytesIO(file)) as packed:
        lines = [json.loads(line) for line in packed.read("cards.jsonl").splitlines()]
    assert [line["name"] for line in lines] == ["Žanete Šķēle", "Jānis Bērziņš"]
    assert not {"key", "keys", "keyset", "credential"} & {name for line in lines for name in line}
    _, signature = await acting(lambda tx: batches.batch_signature(tx, batch.id, "pasūtījums birojam"))
    assert len(signature) > 100


async def test_a_made_card_is_produced_and_has_to_be_written_before_it_is_handed_over(town: Actor) -> None:
    first, second = await two_cards()
    batch, uid, here = await ordered(), new_uid(), await desk()
    with pytest.raises(BatchNotSent):
        await answer(batch, made(1, first, uid))
    await sent(batch)
    tried = await answer(batch, made(1, first, uid), spoiled(2, second), really=False)
    assert (tried.produced, tried.spoiled, tried.faults) == (1, 1, ())
    assert (await token(first.id)).state == "approved"
    await answer(batch, made(1, first, uid), spoiled(2, second))
    came = await token(first.id)
    assert (came.state, came.card_uid, came.keyset) == ("produced", uid, None)
    with pytest.raises(NotEncoded):
        await acting(lambda tx: hand_over(tx, first.id))
    await acting(lambda tx: produced(tx, first.id, uid, 1))
    assert await acting(lambda tx: stock.use(tx, here, PRODUCT, first.id)) == 0
    assert (await acting(lambda tx: hand_over(tx, first.id))).state == "active"
    with pytest.raises(BatchAnswered):
        await answer(batch, spoiled(2, second))


async def test_a_spoiled_card_may_be_ordered_again(town: Actor) -> None:
    first, second = await two_cards()
    batch = await ordered()
    await sent(batch)
    await answer(batch, spoiled(1, first))
    assert await state(batch.id) == "sent"
    anew = await ordered()
    (card,) = await acting(lambda tx: batch_store.batch_cards(tx, anew.id))
    assert card.token.id == first.id
    await answer(batch, spoiled(2, second))
    assert await state(batch.id) == "answered"


async def test_one_fault_leaves_everything_as_it_was_and_each_fault_is_named_by_its_row(town: Actor) -> None:
    first, second = await two_cards()
    other = await encoded(await entitled(CODES[1], "Anna Ozola"))
    assert other.card_uid is not None
    batch = await ordered()
    await sent(batch)
    lines = (
        made(1, first, new_uid()),
        made(2, first, new_uid()),
        Answered(3, 9, second.number, "spoiled", None, ""),
        Answered(4, 2, second.number, "produced", other.card_uid, ""),
    )
    tried = await answer(batch, *lines, really=False)
    assert {fault.row: fault.why for fault in tried.faults} == {
        2: "The line of the order is another card",
        3: "The order has no such line",
        4: "The UID is that of another card in use",
    }
    with pytest.raises(AnswerFaulty):
        await answer(batch, *lines)
    assert (await token(first.id)).state == "approved"
    assert await state(batch.id) == "sent"


async def test_a_card_made_at_a_desk_meanwhile_is_a_fault(town: Actor) -> None:
    first, _ = await two_cards()
    batch = await ordered()
    await sent(batch)
    await acting(lambda tx: produced(tx, first.id, new_uid(), 1))
    tried = await answer(batch, made(1, first, new_uid()), really=False)
    assert [fault.why for fault in tried.faults] == ["The card was made, or has ended, elsewhere meanwhile"]


async def test_orders_are_listed_with_what_came_of_them(town: Actor) -> None:
    first, _ = await two_cards()
    batch = await ordered()
    await sent(batch)
    await answer(batch, spoiled(1, first))
    (line,) = await acting(batch_store.list_batches)
    assert (line.cards, line.produced, line.spoiled) == (2, 0, 1)
    with pytest.raises(BatchUnknown):
        await acting(lambda tx: batch_store.get_batch(tx, new_id()))
