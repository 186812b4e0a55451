import importlib

from amis.issuing import service, store
from amis.issuing.life import mark_rights_changed
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction
from cards.token import TRANSITIONS
from tests.issuing.town import acting, entitled, issued, token

STEPS = importlib.import_module("amis.migrations.versions.0006_issuing").STEPS


def test_the_database_knows_the_same_steps_as_the_library() -> None:
    assert set(STEPS) == {(before.value, after.value) for (before, _), after in TRANSITIONS.items()}
    assert len(STEPS) == len(set(STEPS))


async def test_marking_twice_leaves_one_leaf_and_an_ended_token_is_left_alone(town: Actor) -> None:
    made = await issued(await entitled())

    async def mark(tx: Transaction) -> None:
        await mark_rights_changed(tx, await store.lock_token(tx, made.id))

    await acting(mark)
    await acting(mark)
    actions = [entry.action for entry in await acting(lambda tx: store.history(tx, made.id))]
    assert actions.count("token.rights_changed") == 1
    await acting(lambda tx: service.end(tx, made.id, "returned"))
    await acting(mark)
    assert (await token(made.id)).status == 1
