"""A card comes to its holder or never does; the one before it ends when the new one is active."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from uuid import UUID

import pytest

from amis.issuing import jobs, request_store, service, store
from amis.issuing.errors import ByApplication, FeeUnpaid, NeverRevived, NotEncoded, StepRefused, TokenHeld
from amis.issuing.handover import DEEMED_LOST
from amis.issuing.requests import CardRequest
from amis.kernel import clock
from amis.kernel.actor import Actor
from tests.issuing.cards_town import PRODUCT, approved, encoded, in_use, new_uid, product
from tests.issuing.town import CODES, acting, entitled, issued, state, token

pytestmark = pytest.mark.usefixtures("town")
On = Callable[[date], AbstractContextManager[None]]
POSTED = date(2026, 3, 10)
DEADLINE = date(2026, 4, 9)
"""Twenty working days after it: Good Friday and Easter Monday of 2026 fall between."""


@pytest.fixture
async def anna(town: Actor) -> UUID:
    """Somebody with concessions, in a town that has a card."""
    await product()
    return await entitled()


@pytest.fixture
def on(now: datetime) -> On:
    """Moves the clock to the forenoon of a day."""
    return lambda day: clock.moved(now.replace(year=day.year, month=day.month, day=day.day))


async def test_a_card_is_active_from_the_hand_on(anna: UUID) -> None:
    made = await encoded(anna)
    given = await acting(lambda tx: service.hand_over(tx, made.id))
    assert (given.state, given.status) == ("active", 0)
    with pytest.raises(StepRefused):
        await acting(lambda tx: service.hand_over(tx, made.id))


async def test_a_card_without_a_written_chip_or_a_paid_fee_stays_in_the_office(anna: UUID) -> None:
    made = await approved(anna)
    with pytest.raises(StepRefused):
        await acting(lambda tx: service.hand_over(tx, made.id))
    await acting(lambda tx: service.produced(tx, made.id, new_uid(), None))
    with pytest.raises(NotEncoded):
        await acting(lambda tx: service.hand_over(tx, made.id))
    printed = await token(made.id)
    assert printed.card_uid is not None
    uid = printed.card_uid
    await acting(lambda tx: service.produced(tx, made.id, uid, 1))
    await acting(lambda tx: service.hand_over(tx, made.id))
    next_one = await approved(anna, reason="damaged")
    await acting(lambda tx: service.produced(tx, next_one.id, new_uid(), 1))
    for refused in (service.hand_over, lambda tx, one: service.post(tx, one, POSTED)):
        with pytest.raises(FeeUnpaid):
            await acting(lambda tx, deed=refused: deed(tx, next_one.id))
    assert ((await token(made.id)).state, (await token(next_one.id)).state) == ("active", "produced")


async def test_t29_a_lost_card_is_dead_at_once_and_ends_when_the_next_one_is_active(anna: UUID) -> None:
    old = await in_use(anna)
    line = await acting(lambda tx: service.report_lost(tx, old.id, "lost"))
    assert line is not None
    gone = await token(old.id)
    assert (gone.state, gone.reason, gone.status) == ("blocked", "lost", 2)
    made = await acting(lambda tx: service.approve_request(tx, line.request.id))
    await acting(lambda tx: service.produced(tx, made.id, new_uid(), 1))
    await acting(lambda tx: service.pay(tx, line.request.id))
    assert (await token(old.id)).state == "blocked"
    await acting(lambda tx: service.hand_over(tx, made.id))
    ended = await token(old.id)
    assert ((await token(made.id)).state, ended.state, ended.reason) == ("active", "ended", "replaced")


async def test_t33_a_found_card_is_never_revived(anna: UUID) -> None:
    old = await in_use(anna)
    line = await acting(lambda tx: service.report_lost(tx, old.id, "lost"))
    with pytest.raises(NeverRevived):
        await acting(lambda tx: service.unblock(tx, old.id, "holder_request"))
    assert line is not None
    await acting(lambda tx: service.withdraw_request(tx, line.request.id, "Atradās"))
    assert (await token(old.id)).state == "blocked"
    again = await acting(lambda tx: service.report_lost(tx, old.id, "lost"))
    assert again is not None
    assert again.request.replaces == old.id
    once_more = await acting(lambda tx: service.report_lost(tx, old.id, "lost"))
    assert once_more is not None
    assert once_more.request.id == again.request.id


async def test_a_card_that_its_holder_had_blocked_is_lost_for_good(anna: UUID) -> None:
    made = await in_use(anna)
    await acting(lambda tx: service.block(tx, made.id, "holder_request"))
    await acting(lambda tx: service.report_lost(tx, made.id, "stolen", "VP-1"))
    assert ((await token(made.id)).state, (await token(made.id)).reason) == ("blocked", "stolen")


async def test_a_lost_card_is_blocked_where_nothing_is_left_to_replace_it_for(anna: UUID) -> None:
    made = await in_use(anna)
    await state(anna, "disability", "I", "2026-01-01", "2026-02-01", 2)
    await state(anna, "needy", "yes", "2026-01-01", "2026-02-01", 2)
    assert await acting(lambda tx: service.report_lost(tx, made.id, "lost")) is None
    assert (await token(made.id)).state == "blocked"


async def test_a_card_that_is_not_out_yet_and_a_code_are_not_reported_so(anna: UUID) -> None:
    made, code = await encoded(anna), await issued(await entitled(CODES[0]))
    for token_id in (made.id, code.id):
        with pytest.raises(StepRefused):
            await acting(lambda tx, one=token_id: service.report_lost(tx, one, "lost"))
    with pytest.raises(ByApplication):
        await acting(lambda tx: service.replace(tx, made.id, "lost"))


async def test_a_posted_card_is_active_when_it_came(anna: UUID) -> None:
    made = await encoded(anna, delivery="post")
    sent = await acting(lambda tx: service.post(tx, made.id, POSTED))
    assert (sent.state, sent.posted_on, sent.status) == ("issued", POSTED, 2)
    assert (await acting(lambda tx: service.received(tx, made.id))).state == "active"
    with pytest.raises(StepRefused):
        await acting(lambda tx: service.received(tx, made.id))


async def test_t32_a_posted_card_that_does_not_come_in_twenty_working_days_is_deemed_lost(anna: UUID, on: On) -> None:
    made = await encoded(anna, delivery="post")
    await acting(lambda tx: service.post(tx, made.id, POSTED))
    with on(DEADLINE):
        assert await acting(service.not_received) == 0
    with on(date(2026, 4, 10)):
        assert await acting(service.not_received) == 1
        assert await acting(service.not_received) == 0
    ended = await token(made.id)
    last = (await acting(lambda tx: store.history(tx, made.id)))[0]
    assert (ended.state, ended.reason, last.reason) == ("ended", "lost", "lost")
    assert last.after is not None
    assert last.after["note"] == DEEMED_LOST
    assert made.application_id is not None
    asked = made.application_id
    assert (await acting(lambda tx: request_store.get_request(tx, asked))).request.state == "done"
    again = await acting(lambda tx: service.request(tx, CardRequest(anna, PRODUCT, "lost")))
    assert (again.fee, again.waiver, again.state) == (0, "not_received", "submitted")


async def test_the_worker_looks_for_late_cards_in_every_municipality(anna: UUID, on: On) -> None:
    made = await encoded(anna, delivery="post")
    await acting(lambda tx: service.post(tx, made.id, POSTED))
    with on(date(2026, 4, 10)):
        await jobs.end_overdue()
    assert (await token(made.id)).state == "ended"


async def test_a_lost_card_is_blocked_whatever_stands_in_the_way_of_another_one(anna: UUID) -> None:
    made, code = await in_use(anna), await issued(anna)
    await acting(lambda tx: service.block(tx, code.id, "misuse"))
    assert await acting(lambda tx: service.report_lost(tx, made.id, "lost")) is None
    assert ((await token(made.id)).state, (await token(made.id)).reason) == ("blocked", "lost")


async def test_a_card_is_not_handed_over_while_another_one_is_held_against_the_holder(anna: UUID) -> None:
    old = await in_use(anna)
    made = await approved(anna, reason="renewal")
    await acting(lambda tx: service.produced(tx, made.id, new_uid(), 1))
    await acting(lambda tx: service.block(tx, old.id, "misuse"))
    with pytest.raises(TokenHeld):
        await acting(lambda tx: service.hand_over(tx, made.id))
    await acting(lambda tx: service.unblock(tx, old.id, "cleared"))
    await acting(lambda tx: service.post(tx, made.id, POSTED))
    await acting(lambda tx: service.block(tx, old.id, "office"))
    with pytest.raises(TokenHeld):
        await acting(lambda tx: service.received(tx, made.id))
    assert ((await token(old.id)).state, (await token(made.id)).state) == ("blocked", "issued")


async def test_the_card_in_use_ends_though_what_was_posted_in_its_place_never_came(anna: UUID) -> None:
    old = await in_use(anna)
    sent = await approved(anna, reason="renewal", delivery="post")
    await acting(lambda tx: service.produced(tx, sent.id, new_uid(), 1))
    await acting(lambda tx: service.post(tx, sent.id, POSTED))
    line = await acting(lambda tx: service.report_lost(tx, sent.id, "stolen", "VP-1"))
    assert line is not None
    assert (line.request.replaces, (await token(old.id)).state) == (sent.id, "active")
    assert sent.application_id is not None
    asked = sent.application_id
    assert (await acting(lambda tx: request_store.get_request(tx, asked))).request.state == "done"
    made = await acting(lambda tx: service.approve_request(tx, line.request.id))
    await acting(lambda tx: service.produced(tx, made.id, new_uid(), 1))
    await acting(lambda tx: service.hand_over(tx, made.id))
    ended = await token(old.id)
    assert ((await token(made.id)).state, ended.state, ended.reason) == ("active", "ended", "replaced")


async def test_a_card_can_be_lost_though_what_was_posted_in_its_place_never_came(anna: UUID) -> None:
    old = await in_use(anna)
    sent = await approved(anna, reason="renewal", delivery="post")
    await acting(lambda tx: service.produced(tx, sent.id, new_uid(), 1))
    await acting(lambda tx: service.post(tx, sent.id, POSTED))
    await acting(lambda tx: service.end(tx, sent.id, "lost"))
    line = await acting(lambda tx: service.report_lost(tx, old.id, "lost"))
    assert line is not None
    assert ((await token(old.id)).state, line.request.replaces) == ("blocked", sent.id)
