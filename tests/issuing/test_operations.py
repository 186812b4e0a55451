"""Work on cards: who may ask for what, one at a time, and how it ends."""

from uuid import UUID

import pytest

from amis.issuing import desk_presence, desk_store, operations
from amis.issuing.card_models import CardOperation
from amis.issuing.errors import CardWorkUnknown, DeskBusy, DeskUnknown, DeskWorkRefused, TokenUnknown
from amis.issuing.models import Token
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.ids import new_id
from tests.issuing.cards_town import approved, desk, encoded, in_use, new_uid, product
from tests.issuing.town import acting, entitled, issued

pytestmark = pytest.mark.usefixtures("town")


@pytest.fixture
async def anna(town: Actor) -> UUID:
    """Somebody with concessions, in a town that has a card."""
    await product()
    return await entitled()


async def ask(desk_id: UUID, token: Token | None, kind: str) -> CardOperation:
    return await acting(lambda tx: operations.ask(tx, desk_id, token.id if token else None, kind))


async def row(operation: CardOperation) -> CardOperation:
    return await acting(lambda tx: desk_store.get_operation(tx, operation.id))


async def test_an_approved_card_is_made_and_a_made_one_is_checked(anna: UUID) -> None:
    desk_id = await desk()
    card = await approved(anna)
    for kind in ("verify", "update", "rotate", "retire"):
        with pytest.raises(DeskWorkRefused):
            await ask(desk_id, card, kind)
    asked = await ask(desk_id, card, "personalise")
    assert (asked.state, asked.uid, asked.sent) == ("asked", None, 0)


async def test_work_on_a_card_in_use_is_tied_to_its_chip(anna: UUID) -> None:
    card = await in_use(anna)
    for kind in ("verify", "update", "rotate"):
        asked = await ask(await desk(kind), card, kind)
        assert asked.uid == card.card_uid
        await acting(lambda tx, asked=asked: operations.stop(tx, asked.id))  # type: ignore[misc]
    with pytest.raises(DeskWorkRefused):
        await ask(await desk(), card, "personalise")


async def test_a_code_on_paper_has_no_chip(anna: UUID) -> None:
    made = await issued(anna)
    for kind in operations.Work:
        with pytest.raises(DeskWorkRefused):
            await ask(await desk(), made, kind)


async def test_any_card_may_be_read_and_only_reading_takes_any_card() -> None:
    desk_id = await desk()
    assert (await ask(desk_id, None, "read")).token_id is None
    for kind in ("personalise", "verify", "nothing"):
        with pytest.raises(DeskWorkRefused):
            await ask(desk_id, None, kind)


async def test_a_desk_does_one_thing_at_a_time_and_so_does_a_card(anna: UUID) -> None:
    card, here, there = await approved(anna), await desk("here"), await desk("there")
    first = await ask(here, card, "personalise")
    with pytest.raises(DeskBusy):
        await ask(here, None, "read")
    with pytest.raises(DeskBusy):
        await ask(there, card, "personalise")
    await acting(lambda tx: operations.stop(tx, first.id))
    assert (await ask(there, card, "personalise")).state == "asked"


async def test_unknown_desks_tokens_and_works_are_refused(anna: UUID) -> None:
    card = await approved(anna)
    with pytest.raises(DeskUnknown):
        await ask(new_id(), card, "personalise")
    with pytest.raises(TokenUnknown):
        await acting(lambda tx: operations.ask(tx, new_id(), new_id(), "personalise"))
    with pytest.raises(CardWorkUnknown):
        await acting(lambda tx: operations.stop(tx, new_id()))


async def test_work_that_nobody_does_is_stopped_at_once_and_work_in_hand_when_the_desk_turns_to_it(anna: UUID) -> None:
    desk_id, connection = await desk(), new_id()
    alone = await ask(desk_id, None, "read")
    await acting(lambda tx: operations.stop(tx, alone.id))
    stopped = await row(alone)
    assert (stopped.state, stopped.message) == ("failed", "stopped")
    await acting(lambda tx: operations.stop(tx, alone.id))
    assert stopped.ended_at == (await row(alone)).ended_at
    other = await desk("connected")
    await acting(lambda tx: desk_presence.attach(tx, other, connection))
    await _activate(other)
    held = await ask(other, None, "read")
    await acting(lambda tx: operations.stop(tx, held.id))
    assert ((await row(held)).state, (await row(held)).stop_asked) == ("asked", True)


async def test_a_connection_that_ends_leaves_its_work_waiting(anna: UUID) -> None:
    card, desk_id, connection = await approved(anna), await desk(), new_id()
    await acting(lambda tx: desk_presence.attach(tx, desk_id, connection))
    asked = await ask(desk_id, card, "personalise")

    async def begin(tx: Transaction) -> None:
        await operations.begin(tx, await desk_store.get_operation(tx, asked.id), new_uid(), "reader", 1)

    await acting(begin)
    assert (await row(asked)).state == "running"
    await acting(lambda tx: desk_presence.detach(tx, desk_id, connection))
    assert ((await row(asked)).state, (await row(asked)).message) == ("waiting", "desk_gone")


async def test_an_encoded_card_waits_to_be_checked_only(anna: UUID) -> None:
    card = await encoded(anna)
    assert (await ask(await desk(), card, "verify")).uid == card.card_uid


async def _activate(desk_id: UUID) -> None:
    """The desk's machine as if it had paired."""
    async with transaction(Actor("system", "test", "test", 2)) as tx:
        machine = (await desk_store.view_desk(tx, desk_id)).machine
        machine.pairing, machine.state = 1, "active"
