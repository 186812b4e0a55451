import asyncio
import random
from datetime import timedelta

import psycopg
import pytest
from psycopg import AsyncConnection

from amis.issuing import service, store
from amis.issuing.errors import NeverRevived, ReasonUnknown, StepRefused, TokenUnknown
from amis.issuing.reasons import HELD, ReplaceReason, UnblockReason
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError
from amis.kernel.ids import new_id
from amis.register import service as register
from amis.register import store as people
from cards.token import BlockReason, EndReason, State
from tests.issuing.town import CLERK, acting, entitled, issued, state, token


async def test_a_block_suspends_and_a_lift_makes_it_valid_again(town: Actor) -> None:
    made = await issued(await entitled())
    blocked = await acting(lambda tx: service.block(tx, made.id, "misuse"))
    assert (blocked.state, blocked.reason, blocked.status) == ("blocked", "misuse", 2)
    back = await acting(lambda tx: service.unblock(tx, made.id, "cleared"))
    assert (back.state, back.reason, back.status) == ("active", "", 0)


async def test_the_trail_says_why_each_step_was_taken(town: Actor) -> None:
    made = await issued(await entitled())
    await acting(lambda tx: service.block(tx, made.id, "office"))
    await acting(lambda tx: service.unblock(tx, made.id, "mistake"))
    newest, earlier, *_ = await acting(lambda tx: store.history(tx, made.id))
    assert (newest.action, newest.reason, newest.actor_id) == ("token.unblock", "mistake", CLERK.id)
    assert (earlier.action, earlier.reason) == ("token.block", "office")
    assert earlier.after == {"state": "blocked", "status": 2}


@pytest.mark.parametrize("reason", ["lost", "stolen"])
async def test_a_lost_or_stolen_token_that_turns_up_is_never_revived(town: Actor, reason: str) -> None:
    made = await issued(await entitled())
    await acting(lambda tx: service.block(tx, made.id, reason))
    for why in UnblockReason:
        with pytest.raises(NeverRevived):
            await acting(lambda tx, one=why: service.unblock(tx, made.id, one))


async def test_t33_a_replaced_token_stays_dead_whatever_is_tried(town: Actor) -> None:
    old = await issued(await entitled())
    await acting(lambda tx: service.replace(tx, old.id, "lost"))
    tries = (
        lambda tx: service.unblock(tx, old.id, "mistake"),
        lambda tx: service.block(tx, old.id, "lost"),
        lambda tx: service.end(tx, old.id, "returned"),
        lambda tx: service.replace(tx, old.id, "damaged"),
    )
    for again in tries:
        with pytest.raises(StepRefused):
            await acting(again)
    found = await token(old.id)
    assert (found.state, found.reason, found.status) == ("ended", "replaced", 1)


async def test_steps_need_a_reason_from_their_list(town: Actor) -> None:
    made = await issued(await entitled())
    wrong = (
        lambda tx: service.block(tx, made.id, "cleared"),
        lambda tx: service.unblock(tx, made.id, "lost"),
        lambda tx: service.end(tx, made.id, "replaced"),
        lambda tx: service.close_all(tx, made.person_id, "misuse"),
    )
    for one in wrong:
        with pytest.raises(ReasonUnknown):
            await acting(one)


async def test_a_token_of_another_town_is_not_there(town: Actor) -> None:
    made = await issued(await entitled())
    elsewhere = Actor("staff", "clerk-9", "Clerk", 3, "Rīga")
    for deed in (store.get_token, lambda tx, one: service.block(tx, one, "lost")):
        with pytest.raises(TokenUnknown):
            async with transaction(elsewhere) as tx:
                await deed(tx, made.id)
    with pytest.raises(TokenUnknown):
        await token(new_id())


@pytest.mark.parametrize("reason", ["deceased", "moved"])
async def test_t40_t22_every_token_of_a_person_ends_at_once_even_a_held_one(town: Actor, reason: str) -> None:
    person = await entitled()
    made = await issued(person)
    await acting(lambda tx: service.block(tx, made.id, "misuse"))
    assert await acting(lambda tx: service.close_all(tx, person, reason)) == 1
    assert await acting(lambda tx: service.close_all(tx, person, reason)) == 0
    ended = await token(made.id)
    assert (ended.state, ended.reason, ended.status) == ("ended", reason, 1)
    assert ended.ended_at is not None


async def test_t39_a_token_stays_its_persons_when_the_personal_code_changes(town: Actor) -> None:
    person = await entitled("320101-10006")
    made = await issued(person)
    await acting(lambda tx: register.change_code(tx, person, "320202-10001"))
    for code in ("320101-10006", "320202-10001"):
        found = await acting(lambda tx, one=code: people.find_by_code(tx, one))
        assert found == (await token(made.id)).person_id
    assert (await token(made.id)).state == "active"


async def test_a_shortened_right_marks_the_token_and_only_a_new_credential_clears_it(town: Actor) -> None:
    person = await entitled()
    made = await issued(person)
    await state(person, "needy", "yes", "2026-01-01", "2026-06-01", 2)
    assert await acting(lambda tx: service.compare_rights(tx, person)) == 1
    assert await acting(lambda tx: service.compare_rights(tx, person)) == 0
    assert (await token(made.id)).status == 3
    await state(person, "needy", "yes", "2026-01-01", "2026-12-01", 3)
    await acting(lambda tx: service.compare_rights(tx, person))
    assert (await token(made.id)).status == 3
    await acting(lambda tx: service.block(tx, made.id, "holder_request"))
    assert (await token(made.id)).status == 2
    await acting(lambda tx: service.unblock(tx, made.id, "holder_request"))
    assert (await token(made.id)).status == 3
    new = await acting(lambda tx: service.replace(tx, made.id, "rights_changed"))
    assert new.status == 0


async def test_a_right_lost_while_the_token_is_blocked_shows_once_it_is_active_again(town: Actor) -> None:
    person = await entitled()
    made = await issued(person)
    await acting(lambda tx: service.block(tx, made.id, "misuse"))
    await state(person, "disability", "I", "2026-01-01", "2026-02-01", 2)
    assert await acting(lambda tx: service.compare_rights(tx, person)) == 1
    assert (await token(made.id)).status == 2
    assert (await acting(lambda tx: service.unblock(tx, made.id, "cleared"))).status == 3


async def test_a_right_that_grows_or_runs_out_as_signed_marks_nothing(town: Actor) -> None:
    person = await entitled()
    await issued(person)
    await state(person, "needy", "yes", "2025-01-01", "2026-12-31", 2)
    assert await acting(lambda tx: service.compare_rights(tx, person)) == 0
    with clock.moved(clock.now() + timedelta(days=300)):
        assert await acting(lambda tx: service.compare_rights(tx, person)) == 0


async def test_of_two_clerks_who_block_and_replace_at_once_none_leaves_two_active_tokens(town: Actor) -> None:
    made = await issued(await entitled())
    deeds = (
        acting(lambda tx: service.replace(tx, made.id, "damaged")),
        acting(lambda tx: service.replace(tx, made.id, "lost")),
        acting(lambda tx: service.block(tx, made.id, "misuse")),
    )
    outcomes = await asyncio.gather(*deeds, return_exceptions=True)
    assert all(not isinstance(one, Exception) or isinstance(one, AmisError) for one in outcomes)
    tokens = await acting(lambda tx: store.tokens_of(tx, made.person_id))
    assert sum(one.state in (State.ACTIVE, State.BLOCKED) for one in tokens) == 1


async def test_no_sequence_of_steps_gives_a_held_person_a_working_token(town: Actor) -> None:
    """Everything but lifting the block is tried in a random order, with every reason there is."""
    person = await entitled()
    made = await issued(person)
    await acting(lambda tx: service.block(tx, made.id, sorted(HELD)[0]))
    tries = [
        *(lambda tx, why=why: service.block(tx, made.id, why) for why in BlockReason),
        *(lambda tx, why=why: service.replace(tx, made.id, why) for why in ReplaceReason),
        *(lambda tx, why=why: service.end(tx, made.id, why) for why in EndReason),
        lambda tx: service.issue_qr(tx, person),
    ]
    draw = random.Random(20)
    for one in draw.choices(tries, k=60):
        with pytest.raises(AmisError):
            await acting(one)
    assert [one.state for one in await acting(lambda tx: store.tokens_of(tx, person))] == ["blocked"]


async def test_the_database_itself_keeps_the_life_of_a_token(town: Actor, owner_connection: AsyncConnection) -> None:
    made = await issued(await entitled())
    wrong = (
        "UPDATE token SET state = 'requested', status = 2 WHERE id = %s",
        "UPDATE token SET state = 'blocked' WHERE id = %s",
        "UPDATE token SET status = 1 WHERE id = %s",
        "UPDATE token SET number = repeat('0', 16) WHERE id = %s",
    )
    for statement in wrong:
        with pytest.raises(psycopg.errors.CheckViolation):
            await owner_connection.execute(statement, (made.id,))
    await acting(lambda tx: service.end(tx, made.id, "returned"))
    for statement in (*wrong, "UPDATE token SET reason = 'lost' WHERE id = %s"):
        with pytest.raises(psycopg.errors.CheckViolation):
            await owner_connection.execute(statement, (made.id,))
