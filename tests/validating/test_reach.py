"""Is a token dead everywhere: by what terminals say that they hold."""

from dataclasses import dataclass

import pytest
from psycopg import AsyncConnection

from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.validating.reach import LastChange, ProviderReach, last_change, reach
from tests.validating.carried import Carried, Press, say
from tests.validating.town import JELGAVA, Holder, Terminal, Town

CLERK = system("test", JELGAVA)


@dataclass
class Case:
    """A blocked token and two terminals of one provider."""

    town: Town
    press: Press
    holder: Holder
    one: Terminal
    two: Terminal

    async def change(self) -> LastChange:
        async with transaction(CLERK) as tx:
            found = await last_change(tx, self.holder.token)
        assert found is not None
        return found

    async def reached(self) -> list[ProviderReach]:
        seq = (await self.change()).seq
        assert seq is not None
        async with transaction(CLERK) as tx:
            return list(await reach(tx, seq))

    async def tell(self, terminal: Terminal, held: int | None, hash_: bytes | None = None) -> None:
        """The terminal says that it holds this number, with the digest of that state unless another is given."""
        if held is not None and hash_ is None:
            found = await self.town.db.execute("SELECT hash FROM bundle_version WHERE seq = %s", (held,))
            [hash_] = await found.fetchone() or (b"\0" * 32,)
        await say(self.town, terminal, held, hash_)

    def missing(self, found: list[ProviderReach]) -> set[object]:
        return {terminal.id for provider in found for terminal in provider.missing}


@pytest.fixture
async def case(town: Town, worker_connection: AsyncConnection) -> Case:
    one, two, holder = await town.add_terminal(), await town.add_terminal(), await town.add_holder()
    press = Press(worker_connection)
    await press.run()
    await town.db.execute("UPDATE token SET state = 'blocked', status = 2, reason = 'lost'")
    return Case(town, press, holder, one, two)


async def test_a_token_that_was_always_valid_has_nothing_to_tell(town: Town) -> None:
    holder = await town.add_holder()
    async with transaction(CLERK) as tx:
        assert await last_change(tx, holder.token) is None


async def test_a_block_is_on_its_way_until_it_is_published(case: Case) -> None:
    assert (await case.change()).seq is None
    [seq] = await case.press.run()
    change = await case.change()
    assert (change.seq, change.status) == (seq, 2)
    assert change.published_at == case.press.at


async def test_those_are_named_that_do_not_hold_it(case: Case) -> None:
    before = case.press.publisher.now.seq
    [seq] = await case.press.run()
    [provider] = await case.reached()
    assert (provider.terminals, provider.holding) == (2, 0)
    assert {terminal.held for terminal in provider.missing} == {None}
    await case.tell(case.one, before)
    await case.tell(case.two, seq)
    [provider] = await case.reached()
    assert provider.holding == 1
    assert [(terminal.id, terminal.held) for terminal in provider.missing] == [(case.one.id, before)]
    await case.tell(case.one, seq)
    assert case.missing(await case.reached()) == set()


async def test_a_later_number_counts_and_a_number_with_another_state_does_not(case: Case) -> None:
    [seq] = await case.press.run()
    other = await case.town.add_holder()
    await case.town.db.execute("UPDATE token SET state = 'ended', status = 1 WHERE id = %s", (other.token,))
    [later] = await case.press.run()
    await case.tell(case.one, later)
    await case.tell(case.two, seq, b"\1" * 32)
    assert case.missing(await case.reached()) == {case.two.id}


async def test_revoked_terminals_do_not_count_and_suspended_ones_do(case: Case) -> None:
    [seq] = await case.press.run()
    await case.tell(case.one, seq)
    await case.town.db.execute("UPDATE machine SET state = 'revoked' WHERE id = %s", (case.two.id,))
    assert case.missing(await case.reached()) == set()
    await case.town.db.execute("UPDATE machine SET state = 'suspended' WHERE id = %s", (case.two.id,))
    assert case.missing(await case.reached()) == {case.two.id}


async def test_terminals_of_another_municipality_count_without_their_names(case: Case) -> None:
    await case.town.db.execute("UPDATE machine SET municipality_id = 3 WHERE id = %s", (case.two.id,))
    [seq] = await case.press.run()
    await case.tell(case.one, seq)
    [provider] = await case.reached()
    assert (provider.terminals, case.missing([provider])) == (2, {case.two.id})
    assert [terminal.label for terminal in provider.missing] == [""]


async def test_a_provider_that_came_later_knows_it_with_its_first_bundle(case: Case) -> None:
    await case.press.run()
    provider = new_id()
    await case.town.insert("provider", id=provider, code="LATE", name="Vēlais", kind="venue")
    terminal = await case.town.add_terminal(provider=provider)
    assert terminal.id in case.missing(await case.reached())
    await case.press.run()
    carried = Carried(provider)
    await carried.follow()
    await case.tell(terminal, carried.holding.seq, carried.holding.hash)
    assert terminal.id not in case.missing(await case.reached())
