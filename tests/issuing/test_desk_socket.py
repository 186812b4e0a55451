"""A desk's connection: cards are made over it, and nothing that interrupts it loses a card."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from websockets.exceptions import InvalidStatus

from amis.issuing import desk_store, desks, operations, store
from amis.issuing.card_models import CardOperation
from amis.issuing.desk_store import DeskView
from amis.issuing.models import Token
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction
from amis.staff import machine_service
from cards.desk.message import End
from cards.simcard.card import VirtualCard
from tests.issuing.cards_town import approved, desk, new_uid, product
from tests.issuing.desk_side import READER, DeskSide, bearer_of, connected, desk_service, reaches, until
from tests.issuing.town import acting, entitled

pytestmark = pytest.mark.usefixtures("town")


@pytest.fixture
async def anna(town: Actor) -> UUID:
    """Somebody with concessions, in a town that has a card."""
    await product()
    return await entitled()


@pytest.fixture
async def address(town: Actor) -> AsyncIterator[str]:
    async with desk_service() as served:
        yield served


async def ask(desk_id: UUID, token: Token | None, kind: str = "personalise") -> CardOperation:
    return await acting(lambda tx: operations.ask(tx, desk_id, token.id if token else None, kind))


async def view(desk_id: UUID) -> DeskView:
    return await acting(lambda tx: desk_store.view_desk(tx, desk_id))


async def test_a_card_is_made_when_it_is_put_on_the_reader(address: str, anna: UUID) -> None:
    desk_id, card = await desk(), await approved(anna)
    chip = VirtualCard(new_uid())
    async with connected(address, await bearer_of(desk_id)) as side:
        asked = await ask(desk_id, card)
        await reaches(asked, "waiting", message="insert_card")
        await side.put(chip)
        done = await reaches(asked, "done", message="done")
        assert (done.uid, done.reader, done.keyset) == (chip.uid, READER, 1)
        assert done.sent <= 55
        assert side.lists <= 8
        made = await acting(lambda tx: store.get_token(tx, card.id))
        assert (made.state, made.card_uid, made.keyset) == ("produced", chip.uid, 1)
        await until(lambda: _ended(side, "done"))


async def _ended(side: DeskSide, outcome: str) -> bool:
    return any(isinstance(said, End) and said.outcome == outcome for said in side.heard)


async def test_what_the_desk_reports_is_seen_by_every_process(address: str, anna: UUID) -> None:
    desk_id = await desk()
    async with connected(address, await bearer_of(desk_id)) as side:
        chip = VirtualCard(new_uid())
        await side.put(chip)

        async def seen() -> bool:
            presence = (await view(desk_id)).presence
            return presence is not None and presence.card_present and presence.card_uid == chip.uid

        await until(seen)
        presence = (await view(desk_id)).presence
        assert presence is not None
        assert (presence.agent, presence.readers, presence.reader) == ("test-desk", [READER], READER)

    async def gone() -> bool:
        presence = (await view(desk_id)).presence
        return presence is not None and presence.closed_at is not None

    await until(gone)


async def test_a_card_that_is_taken_away_is_finished_when_it_comes_back(address: str, anna: UUID) -> None:
    desk_id, card = await desk(), await approved(anna)
    chip = VirtualCard(new_uid())
    async with connected(address, await bearer_of(desk_id)) as side:
        chip.cut(after=20)
        await side.put(chip)
        asked = await ask(desk_id, card)
        await reaches(asked, "waiting", message="same_card")
        assert (await acting(lambda tx: store.get_token(tx, card.id))).state == "approved"
        await side.put(VirtualCard(new_uid()))
        await reaches(asked, "waiting", message="card_swapped")
        await side.put(chip)
        await reaches(asked, "done", message="done")
    assert (await acting(lambda tx: store.get_token(tx, card.id))).card_uid == chip.uid


async def test_a_card_that_is_torn_out_again_and_again_is_made_in_the_end(address: str, anna: UUID) -> None:
    desk_id, card = await desk(), await approved(anna)
    chip, whole = VirtualCard(new_uid()), VirtualCard(new_uid())
    async with connected(address, await bearer_of(desk_id)) as side:
        asked = await ask(desk_id, card)
        for cut in ({"after": 6}, {"before": 12}, {"after": 18}, {"before": 24}, {"after": 21}):
            chip.cut(**cut)
            await side.put(chip)
            await until(lambda: _taken(side))
            assert (await acting(lambda tx: store.get_token(tx, card.id))).state == "approved"
        await side.put(chip)
        await reaches(asked, "done", message="done")
        await side.put(whole)
        again = await ask(desk_id, card, "verify")
        await reaches(again, "waiting", message="other_card")
        await side.put(chip)
        assert (await reaches(again, "done")).sent == 22


async def _taken(side: DeskSide) -> bool:
    return not side.holds_a_card


async def test_work_goes_on_after_the_desks_program_was_killed(address: str, anna: UUID) -> None:
    desk_id, card = await desk(), await approved(anna)
    bearer, chip = await bearer_of(desk_id), VirtualCard(new_uid())
    async with connected(address, bearer, round_trip=30) as side:
        await side.put(chip)
        asked = await ask(desk_id, card)
        await reaches(asked, "running", message="checking")
        side.socket.transport.abort()
    await reaches(asked, "waiting", message="desk_gone")
    async with connected(address, bearer) as side:
        await side.put(chip)
        await reaches(asked, "done", message="done")


async def test_work_goes_on_after_a_restart_of_the_service(anna: UUID) -> None:
    desk_id, card, chip = await desk(), await approved(anna), VirtualCard(new_uid())
    bearer = await bearer_of(desk_id)
    async with AsyncExitStack() as left:
        async with desk_service() as first:
            side = await left.enter_async_context(connected(first, bearer, round_trip=30))
            await side.put(chip)
            asked = await ask(desk_id, card)
            await reaches(asked, "running", message="checking")
        await reaches(asked, "waiting", message="desk_gone")
    async with desk_service() as second, connected(second, bearer) as side:
        await side.put(chip)
        await reaches(asked, "done", message="done")


async def test_work_goes_on_after_the_service_was_killed(address: str, anna: UUID) -> None:
    """What a killed process leaves is a row that still says running; the next connection takes it up."""
    desk_id, card = await desk(), await approved(anna)
    chip, asked = VirtualCard(new_uid()), await ask(desk_id, card)

    async def left(tx: Transaction) -> None:
        await operations.begin(tx, await desk_store.get_operation(tx, asked.id), chip.uid, READER, 1)

    await acting(left)
    async with connected(address, await bearer_of(desk_id)) as side:
        await side.put(VirtualCard(new_uid()))
        await reaches(asked, "waiting", message="card_swapped")
        await side.put(chip)
        await reaches(asked, "done", message="done")


async def test_a_revoked_desk_is_put_out_at_once_and_not_let_in_again(address: str) -> None:
    desk_id = await desk()
    bearer = await bearer_of(desk_id)
    async with connected(address, bearer) as side:
        await acting(lambda tx: desks.revoke(tx, desk_id))
        await asyncio.wait_for(side.socket.wait_closed(), 5)
        assert side.socket.close_code == 4403
    with pytest.raises(InvalidStatus) as refused:
        async with connected(address, bearer):
            pass
    assert refused.value.response.status_code == 403


async def test_a_desk_that_was_paired_anew_works_under_its_new_key_only(address: str) -> None:
    desk_id = await desk()
    async with connected(address, await bearer_of(desk_id)) as side:
        await bearer_of(desk_id)
        await asyncio.wait_for(side.socket.wait_closed(), 5)
        assert side.socket.close_code == 4403


async def test_a_machine_that_nobody_set_up_as_a_desk_is_put_out(address: str) -> None:
    machine = await acting(lambda tx: machine_service.create_machine(tx, "desk", "stray", tx.municipality_id))
    async with connected(address, await bearer_of(machine.id), reader=False) as side:
        await asyncio.wait_for(side.socket.wait_closed(), 5)
        assert side.socket.close_code == 4404


async def test_a_desk_that_connects_anew_ends_its_older_connection(address: str) -> None:
    desk_id = await desk()
    bearer = await bearer_of(desk_id)
    async with connected(address, bearer) as old, connected(address, bearer):
        await asyncio.wait_for(old.socket.wait_closed(), 5)
        assert old.socket.close_code == 4409
        assert (await view(desk_id)).presence.closed_at is None  # type: ignore[union-attr]


async def test_a_program_that_speaks_nonsense_is_put_out(address: str) -> None:
    bearer = await bearer_of(await desk())
    for nonsense in ("{}", '{"type":"hello"}', b"\x00"):
        async with connected(address, bearer, reader=False) as side:
            await side.socket.send(nonsense)
            await asyncio.wait_for(side.socket.wait_closed(), 5)
            assert side.socket.close_code == 4400


async def test_work_is_stopped_before_the_card_comes(address: str, anna: UUID) -> None:
    desk_id, card = await desk(), await approved(anna)
    async with connected(address, await bearer_of(desk_id)) as side:
        asked = await ask(desk_id, card)
        await reaches(asked, "waiting", message="insert_card")
        await acting(lambda tx: operations.stop(tx, asked.id))
        await reaches(asked, "failed", message="stopped")
        await until(lambda: _ended(side, "stopped"))


async def test_a_desk_without_a_reader_says_what_is_missing(address: str) -> None:
    desk_id = await desk()
    async with connected(address, await bearer_of(desk_id), reader=False) as side:
        asked = await ask(desk_id, None, "read")
        await side.hello()
        await reaches(asked, "waiting", message="reader_gone")
        await side.hello(READER, problem="reader_service_gone")
        await reaches(asked, "waiting", message="reader_service_gone")
        await side.hello(READER)
        await reaches(asked, "waiting", message="insert_card")
