"""Each kind of work on a card, from the register over the wire to the chip and back; and every card that is refused."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from amis.issuing import (
    card_keys,
    chips,
    desk_store,
    desk_work,
    handover,
    operations,
    print_queue,
    request_store,
    service,
    store,
)
from amis.issuing.card_models import CardOperation
from amis.issuing.errors import DeskBusy, StepRefused
from amis.issuing.models import Token
from amis.issuing.stock_models import StockMovement
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction
from cards.desfire.procedure import run
from cards.desk.message import Print
from cards.profile import CardContent, HolderFile, personalise, read_public
from cards.simcard.card import VirtualCard
from cards.simcard.samples import Sort, counterfeit, sample
from tests.issuing.cards_town import approved, desk, new_uid, product
from tests.issuing.desk_side import DeskSide, bearer_of, connected, desk_service, reaches, until
from tests.issuing.town import acting, entitled

RIGA = 3
WRITE_DATA, HEADER, AUTHENTICATE = 0x3D, 0x01, 0x1A
WRONG_PRODUCT, DELAY = bytes.fromhex("919D"), bytes.fromhex("91AD")


@dataclass(slots=True)
class Bench:
    """A connected desk and somebody whose card may be made there."""

    desk_id: UUID
    side: DeskSide
    person: UUID
    card: Token

    async def do(self, kind: str, token: Token | None, chip: VirtualCard) -> CardOperation:
        """Asks for work with the card on the reader; how it ended."""
        await self.side.put(chip)
        asked = await acting(lambda tx: operations.ask(tx, self.desk_id, token.id if token else None, kind))
        return await reaches(asked, "done", "failed")

    async def token(self, token: Token) -> Token:
        return await acting(lambda tx: store.get_token(tx, token.id))

    async def blanks(self) -> int:
        """How many blanks the desk has more than in the beginning, which is below zero as it began with none."""

        async def count(tx: Transaction) -> int:
            return sum(await tx.session.scalars(select(StockMovement.pieces)))

        return await acting(count)


@pytest.fixture
async def bench(town: Actor) -> AsyncIterator[Bench]:
    await product()
    person, desk_id = await entitled(), await desk()
    card = await approved(person)
    async with desk_service() as address, connected(address, await bearer_of(desk_id)) as side:
        yield Bench(desk_id, side, person, card)


async def test_a_card_is_made_once_however_often_it_is_asked_for(bench: Bench) -> None:
    chip = VirtualCard(new_uid())
    first = await bench.do("personalise", bench.card, chip)
    assert (first.state, first.sent) == ("done", 43)
    before = chip.saved()
    again = await bench.do("personalise", bench.card, chip)
    assert (again.state, again.sent) == ("done", 22)
    assert chip.saved() == before
    assert await bench.blanks() == -1


async def test_a_made_card_is_genuine_and_names_its_token(bench: Bench) -> None:
    chip = VirtualCard(new_uid())
    await bench.do("personalise", bench.card, chip)
    seen = await bench.do("verify", bench.card, chip)
    assert (seen.state, seen.detail, seen.keyset) == ("done", "", None)
    read = await bench.do("read", None, chip)
    assert (read.state, read.uid) == ("done", chip.uid)
    assert bench.card.number.startswith(read.detail)
    found = await acting(lambda tx: desk_store.token_by_chip(tx, chip.uid))
    assert found is not None
    assert found.id == bench.card.id


async def test_a_card_in_use_is_brought_up_to_date_and_its_keys_are_changed(bench: Bench) -> None:
    chip = VirtualCard(new_uid())
    await bench.do("personalise", bench.card, chip)
    await acting(lambda tx: handover.hand_over(tx, bench.card.id))
    assert (await bench.do("update", bench.card, chip)).state == "done"
    rotated = await bench.do("rotate", bench.card, chip)
    assert (rotated.state, rotated.keyset) == ("done", card_keys.keyset())


async def test_a_card_that_ended_is_emptied_and_made_anew_for_somebody_else(bench: Bench) -> None:
    chip = VirtualCard(new_uid())
    await bench.do("personalise", bench.card, chip)
    await acting(lambda tx: handover.hand_over(tx, bench.card.id))
    await acting(lambda tx: service.end(tx, bench.card.id, "returned"))
    assert (await bench.do("retire", bench.card, chip)).state == "done"
    other = await approved(await entitled("320202-10001", "Ģirts Ābele"))
    assert (await bench.do("personalise", other, chip)).state == "done"


async def test_a_card_that_cannot_be_used_leaves_nothing_behind(bench: Bench) -> None:
    unusable = {
        "chip_too_small": [VirtualCard(new_uid(), storage=512)],
        "card_full": [sample(VirtualCard(new_uid()), Sort.FULL)],
        "foreign_card": [sample(VirtualCard(new_uid()), sort) for sort in (Sort.LOCKED, Sort.FOREIGN)],
    }
    for code, chips_of_that_sort in unusable.items():
        for chip in chips_of_that_sort:
            before = chip.saved()
            refused = await bench.do("personalise", bench.card, chip)
            assert (refused.state, refused.message) == ("failed", code)
            assert chip.saved() == before
            token = await bench.token(bench.card)
            assert (token.state, token.card_uid, token.keyset) == ("approved", None, None)
    assert await bench.blanks() == 0
    assert (await bench.do("personalise", bench.card, VirtualCard(new_uid()))).state == "done"


class Liar(VirtualCard):
    """A card that a lying desk has finished, and from then on calls a wrong one."""

    sealed = False

    def process(self, apdu: bytes) -> bytes:
        answer = super().process(apdu)
        self.sealed = self.sealed or (apdu[1] == WRITE_DATA and apdu[5] == HEADER)
        return WRONG_PRODUCT if self.sealed else answer


class Sulking(VirtualCard):
    """A card at which somebody has guessed: it lets nobody in for a while."""

    pauses = 2

    def process(self, apdu: bytes) -> bytes:
        if apdu[1] == AUTHENTICATE and self.pauses:
            self.pauses -= 1
            return DELAY
        return super().process(apdu)


async def test_a_desk_that_lies_about_a_written_card_does_not_get_a_second_valid_one(bench: Bench) -> None:
    chip = Liar(new_uid())
    refused = await bench.do("personalise", bench.card, chip)
    assert refused.state == "failed"
    spoiled = await bench.token(bench.card)
    assert (spoiled.state, spoiled.reason, spoiled.card_uid) == ("ended", "damaged", chip.uid)
    assert spoiled.application_id is not None
    line = await acting(lambda tx: request_store.get_request(tx, spoiled.application_id or UUID(int=0)))
    assert line.token is not None
    assert (line.token.state, line.token.card_uid) == ("approved", None)
    assert (line.token.status_list, line.token.status_index) != (spoiled.status_list, spoiled.status_index)
    assert (await bench.do("personalise", line.token, VirtualCard(new_uid()))).state == "done"


async def test_a_card_that_wants_a_pause_is_tried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_work, "PAUSE", 0.1)
    assert (await bench.do("personalise", bench.card, Sulking(new_uid()))).state == "done"


async def test_a_copy_of_a_card_is_found_out(bench: Bench) -> None:
    chip = VirtualCard(new_uid())
    await bench.do("personalise", bench.card, chip)
    seen = await bench.do("verify", bench.card, counterfeit(chip))
    assert (seen.state, seen.message) == ("failed", "counterfeit")


async def test_the_face_of_a_made_card_is_printed(bench: Bench) -> None:
    await bench.do("personalise", bench.card, VirtualCard(new_uid()))

    async def ended() -> list[str]:
        return [job.state for job in await acting(lambda tx: print_queue.jobs_of(tx, bench.card.id))]

    await until(lambda: _is(ended, ["printed"]))
    bench.side.print_error = "out of ribbon"
    await acting(lambda tx: print_queue.queue_print(tx, bench.card.id, bench.desk_id, "letter"))
    await until(lambda: _is(ended, ["failed", "printed"]))
    assert [said.pdf[:4] for said in bench.side.heard if isinstance(said, Print)] == [b"%PDF"] * 2


async def _is(look: Callable[[], Awaitable[list[str]]], wanted: list[str]) -> bool:
    return await look() == wanted


async def test_a_card_of_another_municipality_and_of_another_person_is_refused(bench: Bench) -> None:
    chip, mine = VirtualCard(new_uid()), VirtualCard(new_uid())
    await bench.do("personalise", bench.card, mine)
    other = await approved(await entitled("320202-10001", "Ģirts Ābele"))
    taken = await bench.do("personalise", other, mine)
    assert (taken.state, taken.message) == ("failed", "card_chip_taken")
    # the same chip, freed in the register, still carries the other number
    await acting(lambda tx: service.end(tx, bench.card.id, "returned"))
    kept = await bench.do("personalise", other, mine)
    assert (kept.state, kept.message) == ("failed", "card_taken")
    foreign = run(read_public(), mine.process)
    _made_elsewhere(chip, foreign.credential)
    away = await bench.do("personalise", other, chip)
    assert (away.state, away.message) == ("failed", "card_elsewhere")
    token = await bench.token(other)
    assert (token.state, token.card_uid) == ("approved", None)


def _made_elsewhere(chip: VirtualCard, credential: bytes) -> None:
    holder = HolderFile(bytes(16), 1950, False, bytes(32))
    there = CardContent(RIGA, "0" * 16, date(2026, 1, 1), date(2027, 1, 1), 1, credential, holder, (), 0)
    run(personalise(there, 1, card_keys.keys_for(RIGA)), chip.process)


async def test_a_torn_card_may_be_given_up_for_another_one(bench: Bench) -> None:
    torn = VirtualCard(new_uid())
    torn.cut(after=25)
    await bench.side.put(torn)
    asked = await acting(lambda tx: operations.ask(tx, bench.desk_id, bench.card.id, "personalise"))
    await reaches(asked, "waiting", message="same_card")
    await acting(lambda tx: chips.give_up(tx, bench.desk_id, bench.card.id))
    assert await bench.blanks() == -1
    assert (await bench.token(bench.card)).state == "ended"
    (line,) = await acting(lambda tx: request_store.requests_of(tx, bench.person))
    assert line.token is not None
    again = line.token
    assert (await bench.do("personalise", again, VirtualCard(new_uid()))).state == "done"
    assert await bench.blanks() == -2
    with pytest.raises(StepRefused):
        await acting(lambda tx: chips.give_up(tx, bench.desk_id, again.id))


async def test_a_chip_that_is_being_written_is_not_given_up(town: Actor) -> None:
    await product()
    card, nobody = await approved(await entitled()), await desk("nobody is there")
    asked = await acting(lambda tx: operations.ask(tx, nobody, card.id, "personalise"))

    async def begin(tx: Transaction) -> None:
        await operations.begin(tx, await desk_store.get_operation(tx, asked.id), new_uid(), "reader", 1)

    await acting(begin)
    with pytest.raises(DeskBusy):
        await acting(lambda tx: chips.give_up(tx, nobody, card.id))
