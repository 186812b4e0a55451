"""Blank cards: the books are the sum of their movements, and never go below zero without saying so."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from amis.issuing import stock
from amis.issuing.errors import ProductUnknown, StockNoteMissing, StockPiecesInvalid, StockShort
from amis.kernel.actor import Actor
from amis.kernel.errors import AmisError
from tests.issuing.cards_town import PRODUCT, desk, product
from tests.issuing.town import acting, entitled, issued


async def laid() -> dict[str, int]:
    """What lies where, by the name of the desk; the store has none."""
    return {one.desk: one.pieces for one in await acting(stock.balances)}


async def test_cards_come_go_to_a_desk_and_become_cards_there(town: Actor) -> None:
    await product()
    here, token = await desk(), (await issued(await entitled())).id
    await acting(lambda tx: stock.receive(tx, PRODUCT, 100, "Pavadzīme 17"))
    await acting(lambda tx: stock.allocate(tx, here, PRODUCT, 30))
    assert await acting(lambda tx: stock.use(tx, here, PRODUCT, token)) == 29
    assert await acting(lambda tx: stock.use(tx, here, PRODUCT, token)) == 29
    await acting(lambda tx: stock.spoil(tx, here, PRODUCT, "Printeris apdruka greizi"))
    await acting(lambda tx: stock.give_back(tx, here, PRODUCT, 8))
    await acting(lambda tx: stock.destroy(tx, None, PRODUCT, 3, "Akts 4"))
    assert await laid() == {"": 75, "Lielā iela 11": 20}
    moved = await acting(stock.movements)
    assert sum(one.pieces for one in moved) == 95
    assert {one.kind for one in moved} == {"received", "allocated", "used", "spoiled", "returned", "destroyed"}
    assert next(one.token_id for one in moved if one.kind == "used") == token


async def test_nothing_goes_that_is_not_there(town: Actor) -> None:
    await product()
    here = await desk()
    await acting(lambda tx: stock.receive(tx, PRODUCT, 5, "Pavadzīme 17"))
    for deed in (
        lambda tx: stock.allocate(tx, here, PRODUCT, 6),
        lambda tx: stock.give_back(tx, here, PRODUCT, 1),
        lambda tx: stock.spoil(tx, here, PRODUCT, "Salocīta"),
        lambda tx: stock.destroy(tx, None, PRODUCT, 6, "Akts 4"),
    ):
        with pytest.raises(StockShort):
            await acting(deed)
    assert await laid() == {"": 5}


async def test_a_card_made_of_an_empty_stock_shows_below_zero_until_somebody_counts(town: Actor) -> None:
    await product()
    here, token = await desk(), (await issued(await entitled())).id
    assert await acting(lambda tx: stock.use(tx, here, PRODUCT, token)) == -1
    with pytest.raises(StockNoteMissing):
        await acting(lambda tx: stock.count(tx, here, PRODUCT, 4))
    assert await acting(lambda tx: stock.count(tx, here, PRODUCT, 4, "Piegāde nebija ievadīta")) == 5
    assert await acting(lambda tx: stock.count(tx, here, PRODUCT, 4)) == 0
    (found,) = await acting(stock.balances)
    assert (found.pieces, found.counted_at is not None) == (4, True)


async def test_what_is_not_understood_is_refused(town: Actor) -> None:
    await product()
    for error, deed in (
        (ProductUnknown, lambda tx: stock.receive(tx, "NONE", 5, "Pavadzīme 17")),
        (StockPiecesInvalid, lambda tx: stock.receive(tx, PRODUCT, 0, "Pavadzīme 17")),
        (StockPiecesInvalid, lambda tx: stock.count(tx, None, PRODUCT, -1, "Nav")),
        (StockNoteMissing, lambda tx: stock.receive(tx, PRODUCT, 5, " ")),
        (StockNoteMissing, lambda tx: stock.destroy(tx, None, PRODUCT, 5, "")),
    ):
        with pytest.raises(error):
            await acting(deed)
    assert await acting(stock.movements) == []


async def test_two_who_take_the_last_cards_at_once_do_not_both_get_them(town: Actor) -> None:
    await product()
    here, there = await desk(), await desk("Dobeles šoseja 3")
    await acting(lambda tx: stock.receive(tx, PRODUCT, 10, "Pavadzīme 17"))
    taken = await asyncio.gather(
        *(acting(lambda tx, to=to: stock.allocate(tx, to, PRODUCT, 7)) for to in (here, there)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in taken) == ["NoneType", "StockShort"]
    assert sorted((await laid()).values()) == [3, 7]


STEPS = st.lists(st.tuples(st.sampled_from("ragsdc"), st.booleans(), st.integers(0, 9)), max_size=8)


async def test_every_history_of_movements_adds_up(town: Actor) -> None:
    """A model of two numbers goes along; each step does what it says or is refused and changes nothing."""
    await product()
    here = await desk()
    loop, model = asyncio.get_running_loop(), {None: 0, here: 0}

    async def history(steps: list[tuple[str, bool, int]]) -> None:
        for kind, at_desk, pieces in steps:
            await _both(kind, here if at_desk else None, pieces, here, model)
        known = {one.desk_id: one.pieces for one in await acting(stock.balances)}
        assert {place: known.get(place, 0) for place in model} == model
        assert min(model.values()) >= 0

    def run(steps: list[tuple[str, bool, int]]) -> None:
        asyncio.run_coroutine_threadsafe(history(steps), loop).result()

    await asyncio.to_thread(settings(max_examples=20)(given(STEPS)(run)))


async def _both(kind: str, place, pieces: int, here, model) -> None:
    deeds = {
        "r": lambda tx: stock.receive(tx, PRODUCT, pieces, "x"),
        "a": lambda tx: stock.allocate(tx, here, PRODUCT, pieces),
        "g": lambda tx: stock.give_back(tx, here, PRODUCT, pieces),
        "s": lambda tx: stock.spoil(tx, place, PRODUCT, "x", pieces=pieces),
        "d": lambda tx: stock.destroy(tx, place, PRODUCT, pieces, "x"),
        "c": lambda tx: stock.count(tx, place, PRODUCT, pieces, "x"),
    }
    came = {"r": {None: pieces}, "a": {None: -pieces, here: pieces}, "g": {None: pieces, here: -pieces}}
    gone = came.get(kind, {place: pieces - model[place] if kind == "c" else -pieces})
    allowed = (pieces > 0 or kind == "c") and all(model[at] + change >= 0 for at, change in gone.items())
    try:
        await acting(deeds[kind])
    except AmisError:
        assert not allowed
    else:
        assert allowed
        for at, change in gone.items():
            model[at] += change


async def test_each_movement_is_a_leaf_and_no_movement_is_ever_changed(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    await product()
    await acting(lambda tx: stock.receive(tx, PRODUCT, 5, "Pavadzīme 17"))
    found = await owner_connection.execute("SELECT action, reason FROM audit WHERE subject_kind = 'stock'")
    assert await found.fetchall() == [("stock.received", "Pavadzīme 17")]
    with pytest.raises(ProgrammingError, match="permission denied"):
        await acting(lambda tx: tx.session.execute(text("UPDATE stock_movement SET pieces = 4")))
