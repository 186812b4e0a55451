import asyncio
from datetime import date, timedelta

import pytest
from psycopg import AsyncConnection

from amis.issuing import service, store
from amis.issuing.errors import NothingGranted, PeriodInvalid, ReasonUnknown, StepRefused, TokenHeld, TokenThere
from amis.issuing.reasons import HELD, ReplaceReason
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from amis.register.errors import PersonUnknown
from cards.credential import status_number
from cards.token import BlockReason
from tests.issuing.town import acting, credential, days_from_today, enrolled, entitled, issued, shown, state, token


async def test_a_qr_token_is_active_at_once_and_verifies_with_the_rights_of_its_holder(town: Actor) -> None:
    made = await issued(await entitled())
    verified = await shown(made.id)
    assert (made.state, made.status, made.kind) == ("active", 0, "qr")
    assert verified.municipality == "JLG"
    assert verified.profile == "S"
    assert (verified.status_list, verified.status_index) == (made.status_list, made.status_index)
    assert verified.claims.status == status_number(made.status_list, made.status_index)
    assert [right.until for right in verified.rights] == [date(2027, 4, 13), date(2026, 11, 30)]


async def test_it_is_valid_for_400_days_so_that_a_renewed_right_needs_no_new_letter(town: Actor) -> None:
    made = await issued(await entitled())
    verified = await shown(made.id)
    assert days_from_today(made.valid_to) == 400
    assert timedelta(days=399) < verified.expires - verified.issued <= timedelta(days=400)


async def test_it_may_be_given_an_earlier_end_but_no_later_one(town: Actor) -> None:
    person = await entitled()
    for wrong in (date(2026, 3, 10), date(2027, 4, 15)):
        with pytest.raises(PeriodInvalid):
            await acting(lambda tx, end=wrong: service.issue_qr(tx, person, end))
    made = await acting(lambda tx: service.issue_qr(tx, person, date(2026, 4, 1)))
    verified = await shown(made.id)
    assert {right.until for right in verified.rights} == {date(2026, 3, 31)}
    assert verified.expires.isoformat() == "2026-03-31T21:00:00+00:00"


async def test_t27_a_token_prolonged_to_an_outer_date_ends_when_the_new_one_is_active(town: Actor) -> None:
    outer = date(2027, 1, 1)
    person = await entitled()
    old = await acting(lambda tx: service.issue_qr(tx, person, outer))
    with clock.moved(clock.now() + timedelta(days=200)):
        assert (await shown(old.id)).expires.date() == outer - timedelta(days=1)
        assert (await token(old.id)).status == 0
        new = await acting(lambda tx: service.replace(tx, old.id, "renewal"))
    assert ((await token(old.id)).status, new.status) == (1, 0)


async def test_nobody_gets_a_token_without_a_right_that_holds_today(town: Actor) -> None:
    person = await enrolled()
    with pytest.raises(NothingGranted):
        await issued(person)
    await state(person, "disability", "I", "2026-03-11", None)
    with pytest.raises(NothingGranted):
        await issued(person)
    with pytest.raises(PersonUnknown):
        await issued(new_id())


async def test_a_person_has_one_qr_token_at_a_time_even_when_two_clerks_press_at_once(town: Actor) -> None:
    person = await entitled()
    made = await asyncio.gather(issued(person), issued(person), return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["Token", "TokenThere"]
    with pytest.raises(TokenThere):
        await issued(person)


@pytest.mark.parametrize("reason", ReplaceReason)
async def test_t29_the_old_token_ends_when_the_new_one_is_active_and_the_person_stays(
    town: Actor, reason: ReplaceReason
) -> None:
    old = await issued(await entitled())
    new = await acting(lambda tx: service.replace(tx, old.id, reason))
    ended = await token(old.id)
    assert (ended.state, ended.reason, ended.status) == ("ended", "replaced", 1)
    assert (new.state, new.status, new.replaces, new.person_id) == ("active", 0, old.id, old.person_id)
    assert (await shown(new.id)).cti != (await credential(old.id)).cti
    assert await acting(lambda tx: store.successor_of(tx, old.id)) == new.id


async def test_t29_a_lost_token_is_blocked_before_the_new_one_is_made(town: Actor) -> None:
    old = await issued(await entitled())
    await acting(lambda tx: service.replace(tx, old.id, "lost"))
    steps = [entry.action for entry in await acting(lambda tx: store.history(tx, old.id))]
    assert steps[:2] == ["token.end", "token.block"]


async def test_a_token_is_replaced_once(town: Actor) -> None:
    old = await issued(await entitled())
    new = await acting(lambda tx: service.replace(tx, old.id, "damaged"))
    for again in (old.id, old.id):
        with pytest.raises(StepRefused):
            await acting(lambda tx, one=again: service.replace(tx, one, "lost"))
    assert (await token(new.id)).state == "active"


async def test_a_token_blocked_by_its_holder_or_lost_may_be_replaced(town: Actor) -> None:
    current = await issued(await entitled())
    for reason in sorted(set(BlockReason) - HELD):
        await acting(lambda tx, one=current.id, why=reason: service.block(tx, one, why))
        current = await acting(lambda tx, one=current.id: service.replace(tx, one, "lost"))
    assert current.state == "active"


@pytest.mark.parametrize("reason", sorted(HELD))
async def test_no_way_leads_from_a_held_token_to_a_fresh_one(town: Actor, reason: str) -> None:
    person = await entitled()
    held = await issued(person)
    await acting(lambda tx: service.block(tx, held.id, reason))
    for why in ReplaceReason:
        with pytest.raises(TokenHeld):
            await acting(lambda tx, one=why: service.replace(tx, held.id, one))
    with pytest.raises(TokenHeld):
        await acting(lambda tx: service.end(tx, held.id, "returned"))
    with pytest.raises(TokenHeld):
        await issued(person)
    with pytest.raises(StepRefused):
        await acting(lambda tx: service.block(tx, held.id, "lost"))
    assert (await token(held.id)).status == 2


async def test_a_replacement_needs_a_reason_from_the_list_and_a_right(town: Actor) -> None:
    person = await entitled()
    old = await issued(person)
    with pytest.raises(ReasonUnknown):
        await acting(lambda tx: service.replace(tx, old.id, "bored"))
    await state(person, "disability", "I", "2026-01-01", "2026-02-01", 2)
    await state(person, "needy", "yes", "2026-01-01", "2026-02-01", 2)
    with pytest.raises(NothingGranted):
        await acting(lambda tx: service.replace(tx, old.id, "lost"))
    assert (await token(old.id)).state == "active"


async def test_every_step_leaves_one_audit_leaf_without_rights_or_numbers(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    made = await issued(await entitled())
    query = "SELECT action, before, after FROM audit WHERE subject_id = %s ORDER BY id"
    rows = await (await owner_connection.execute(query, (str(made.id),))).fetchall()
    steps = "token.request credential.mint token.approve token.produce token.issue token.activate"
    assert [row[0] for row in rows] == steps.split()
    assert made.number not in str(rows)
    assert set(rows[1][2]) == {"cti", "generation", "kid", "profile"}
