"""Applications for cards: who may ask, what it costs, who decides; only an approved one makes a card."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from psycopg.errors import CheckViolation
from sqlalchemy import select

from amis.concessions.seed_lv import JELGAVA
from amis.issuing import request_store, service
from amis.issuing.card_models import TokenApplication
from amis.issuing.errors import (
    ApplicantNotEntitled,
    CardReplacedAlready,
    CardRequestedAlready,
    CardThere,
    DeskNotListed,
    ExplanationMissing,
    HolderDied,
    NoCardToReplace,
    NothingGranted,
    NothingToPay,
    PhotoNotTheirs,
    PoliceReferenceInvalid,
    ProductUnknown,
    ReasonUnknown,
    ReportedGone,
    RequestDecided,
    SupervisorDecides,
    TokenHeld,
)
from amis.issuing.service import CardRequest
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError
from amis.kernel.ids import new_id
from amis.kernel.models import AuditEntry
from amis.register import service as register
from tests.issuing.cards_town import PRODUCT, approved, desk, encoded, in_use, product
from tests.issuing.town import CLERK, CODES, acting, enrolled, entitled, token

pytestmark = pytest.mark.usefixtures("town")
SUPERVISOR = replace(CLERK, id="boss-1", permissions=frozenset({"card.supervise", "token.read"}))


@pytest.fixture
async def anna(town: Actor) -> UUID:
    """Somebody with concessions, in a town that has a card."""
    await product()
    return await entitled()


async def ask(person_id: UUID, reason: str = "first", **more: object) -> TokenApplication:
    """An application as a clerk makes it."""
    asked = replace(CardRequest(person_id, PRODUCT, reason), **more)  # type: ignore[arg-type]
    return await acting(lambda tx: service.request(tx, asked))


async def found(request_id: UUID) -> TokenApplication:
    """The application as it stands."""
    return (await acting(lambda tx: request_store.get_request(tx, request_id))).request


async def leaves(request_id: UUID) -> list[str]:
    """The audit leaves of an application, in order."""
    query = select(AuditEntry.action).where(AuditEntry.subject_id == str(request_id)).order_by(AuditEntry.id)
    async with transaction(CLERK) as tx:
        return list(await tx.session.scalars(query))


async def test_an_approved_application_makes_a_card_to_be_produced(anna: UUID) -> None:
    row = await ask(anna)
    assert (row.state, row.fee, row.channel) == ("submitted", Decimal(0), "desk")
    made = await acting(lambda tx: service.approve_request(tx, row.id))
    assert (made.kind, made.state, made.application_id) == ("card", "approved", row.id)
    assert (made.valid_from, made.valid_to) == (date(2026, 3, 10), date(2027, 3, 10))
    assert await leaves(row.id) == ["card_request.submit", "card_request.approve"]
    assert (await found(row.id)).decided_by == CLERK.id


async def test_no_card_can_be_written_without_an_approved_application(
    anna: UUID, owner_connection: AsyncConnection
) -> None:
    row = await ask(anna)
    insert = (
        "INSERT INTO token (id, municipality_id, person_id, kind, state, number, status_list, status_index, status,"
        " valid_from, valid_to, requested_at, application_id) SELECT %s, %s, %s, 'card', 'requested',"
        " '0123456789ABCDEF', 0, 1, 2, '2026-01-01', '2027-01-01', now(), %s"
    )
    await owner_connection.execute("INSERT INTO status_list VALUES (0, '2026H2') ON CONFLICT DO NOTHING")
    for application in (None, row.id):
        with pytest.raises(CheckViolation):
            await owner_connection.execute(insert, (new_id(), JELGAVA, anna, application))


async def test_a_decided_application_is_not_decided_again(anna: UUID) -> None:
    row = await ask(anna)
    with pytest.raises(ExplanationMissing):
        await acting(lambda tx: service.refuse_request(tx, row.id, " "))
    await acting(lambda tx: service.refuse_request(tx, row.id, "Nav fotogrāfijas"))
    assert (await found(row.id)).decision == "Nav fotogrāfijas"
    for refused in (
        lambda tx: service.approve_request(tx, row.id),
        lambda tx: service.refuse_request(tx, row.id, "x"),
        lambda tx: service.withdraw_request(tx, row.id, "x"),
    ):
        with pytest.raises(RequestDecided):
            await acting(refused)


async def test_a_withdrawn_application_takes_the_card_along_that_has_not_left(anna: UUID) -> None:
    made = await approved(anna)
    assert made.application_id is not None
    asked = made.application_id
    await acting(lambda tx: service.withdraw_request(tx, asked, "Pārdomāja"))
    assert (await token(made.id)).state == "ended"
    assert (await found(asked)).state == "withdrawn"
    assert (await ask(anna)).state == "submitted"


async def test_a_card_that_never_left_the_office_takes_nobodys_place(anna: UUID) -> None:
    old = await in_use(anna)
    await ask(anna, "lost")
    for _round in range(2):
        row = (await acting(lambda tx: request_store.requests_of(tx, anna)))[0].request
        made = await acting(lambda tx, one=row.id: service.approve_request(tx, one))
        await acting(lambda tx, one=row.id: service.withdraw_request(tx, one, "Pārdomāja"))
        assert ((await token(made.id)).state, (await ask(anna, "lost")).replaces) == ("ended", old.id)


async def test_a_lost_card_is_replaced_as_a_lost_one(anna: UUID) -> None:
    old = await in_use(anna)
    await acting(lambda tx: service.block(tx, old.id, "lost"))
    for reason in ("damaged", "renewal"):
        with pytest.raises(ReportedGone):
            await ask(anna, reason)
    assert (await ask(anna, "lost")).fee == Decimal("2.85")


async def test_a_card_in_use_is_not_withdrawn(anna: UUID) -> None:
    made = await in_use(anna)
    assert made.application_id is not None
    asked = made.application_id
    assert (await found(asked)).state == "done"
    with pytest.raises(RequestDecided):
        await acting(lambda tx: service.withdraw_request(tx, asked, "Pārdomāja"))


async def test_two_applications_for_one_card_do_not_wait_side_by_side(anna: UUID) -> None:
    row = await ask(anna)
    with pytest.raises(CardRequestedAlready):
        await ask(anna)
    await acting(lambda tx: service.approve_request(tx, row.id))
    with pytest.raises(CardRequestedAlready):
        await ask(anna)


async def test_the_first_card_is_the_first_and_a_replaced_one_was_there(anna: UUID) -> None:
    for reason in ("lost", "stolen", "damaged", "renewal"):
        with pytest.raises(NoCardToReplace):
            await ask(anna, reason)
    old = await in_use(anna)
    for reason in ("first", "moved"):
        with pytest.raises(CardThere):
            await ask(anna, reason)
    row = await ask(anna, "renewal")
    assert (row.replaces, row.fee) == (old.id, Decimal(0))
    await acting(lambda tx: service.approve_request(tx, row.id))
    assert (await token(old.id)).state == "active"


async def test_a_card_that_has_a_successor_gets_no_second_one(anna: UUID) -> None:
    old = await in_use(anna)
    row = await ask(anna, "damaged")
    made = await acting(lambda tx: service.approve_request(tx, row.id))
    uid = b"\x04SECOND"
    await acting(lambda tx: service.produced(tx, made.id, uid, 1))
    await acting(lambda tx: service.pay(tx, row.id))
    await acting(lambda tx: service.hand_over(tx, made.id))
    with pytest.raises(CardReplacedAlready):
        await ask(anna, "damaged", replaces=old.id)


async def test_a_clerk_waives_a_fee_for_a_listed_reason_and_it_is_paid_once(anna: UUID) -> None:
    await in_use(anna)
    with pytest.raises(ReasonUnknown):
        await ask(anna, "damaged", waiver="campaign")
    waived = await ask(anna, "damaged", waiver="office_fault")
    assert (waived.fee, waived.waiver) == (Decimal(0), "office_fault")
    with pytest.raises(NothingToPay):
        await acting(lambda tx: service.pay(tx, waived.id))
    await acting(lambda tx: service.withdraw_request(tx, waived.id, "Maksās pati"))
    dear = await ask(anna, "damaged")
    assert (dear.fee, dear.waiver) == (Decimal("2.85"), "")
    await acting(lambda tx: service.pay(tx, dear.id))
    with pytest.raises(NothingToPay):
        await acting(lambda tx: service.pay(tx, dear.id))


async def test_t31_a_police_report_waives_the_fee_of_a_stolen_card(anna: UUID) -> None:
    old = await in_use(anna)
    with pytest.raises(PoliceReferenceInvalid):
        await ask(anna, "lost", police_reference="VP-2026-1")
    assert (await token(old.id)).state == "active"
    row = await ask(anna, "stolen", police_reference="  VP-2026-1 ")
    assert (row.fee, row.waiver, row.police_reference) == (Decimal(0), "police_report", "VP-2026-1")
    assert ((await token(old.id)).state, (await token(old.id)).reason) == ("blocked", "stolen")


async def lost_and_replaced(person_id: UUID, reason: str) -> TokenApplication:
    """One more lost card with the application for the next, which is made where nobody else has to decide."""
    row = await ask(person_id, reason)
    if row.state == "submitted":
        await acting(lambda tx: service.pay(tx, row.id))
        made = await acting(lambda tx: service.approve_request(tx, row.id))
        await acting(lambda tx: service.produced(tx, made.id, b"\x04" + made.id.bytes[-6:], 1))
        await acting(lambda tx: service.hand_over(tx, made.id))
    return row


async def test_t30_the_third_loss_in_twelve_months_is_a_supervisors(anna: UUID, now: object) -> None:
    await in_use(anna)
    states = [(await lost_and_replaced(anna, reason)).state for reason in ("lost", "stolen")]
    third = await lost_and_replaced(anna, "lost")
    assert [*states, third.state] == ["submitted", "submitted", "referred"]
    for refused in (service.approve_request, lambda tx, row: service.refuse_request(tx, row, "Par daudz")):
        with pytest.raises(SupervisorDecides):
            await acting(lambda tx, deed=refused: deed(tx, third.id))
    async with transaction(SUPERVISOR) as tx:
        made = await service.approve_request(tx, third.id, "Izskaidrots")
    assert made.state == "approved"
    assert ((await found(third.id)).decided_by, (await found(third.id)).decision) == ("boss-1", "Izskaidrots")


async def test_losses_of_more_than_twelve_months_ago_do_not_count(anna: UUID, now: object) -> None:
    await in_use(anna)
    for reason in ("lost", "stolen"):
        await lost_and_replaced(anna, reason)
    with clock.moved(clock.now() + timedelta(days=366)):
        assert (await lost_and_replaced(anna, "lost")).state == "submitted"


async def test_a_guardian_applies_for_a_ward_and_a_stranger_does_not(anna: UUID) -> None:
    guardian = await enrolled(CODES[0], "Juris Ozols")
    with pytest.raises(ApplicantNotEntitled):
        await ask(anna, applicant_id=guardian)
    await acting(lambda tx: register.relate(tx, guardian, "ward", anna, date(2026, 1, 1), None, "clerk", "Lēmums"))
    assert (await ask(anna, applicant_id=guardian)).applicant_id == guardian


OFF_THE_LIST: tuple[tuple[dict[str, object], type[AmisError]], ...] = (
    ({"product": "NO-CARD"}, ProductUnknown),
    ({"reason": "because"}, ReasonUnknown),
    ({"delivery": "pigeon"}, ReasonUnknown),
    ({"desk_id": UUID(int=1)}, DeskNotListed),
    ({"photo_id": UUID(int=1)}, PhotoNotTheirs),
    ({"replaces": UUID(int=1), "reason": "lost"}, NoCardToReplace),
)


async def test_what_is_not_on_a_list_is_refused_and_nothing_is_kept(anna: UUID) -> None:
    for more, refusal in OFF_THE_LIST:
        with pytest.raises(refusal):
            await ask(anna, **more)  # type: ignore[arg-type]
    assert (await acting(lambda tx: request_store.requests_of(tx, anna))) == []


async def test_the_desk_of_an_application_is_one_of_the_town(anna: UUID) -> None:
    made = await desk()
    row = await ask(anna, desk_id=made)
    card = await acting(lambda tx: service.approve_request(tx, row.id))
    waiting = await acting(lambda tx: request_store.waiting_at(tx, made))
    assert [(line.request.id, line.token.id if line.token else None) for line in waiting] == [(row.id, card.id)]
    assert await acting(lambda tx: request_store.waiting_at(tx, UUID(int=1))) == []


async def test_there_is_no_card_for_the_dead_the_held_and_those_without_a_right(anna: UUID) -> None:
    poor = await enrolled(CODES[0], "Pēteris Bez-Tiesībām")
    with pytest.raises(NothingGranted):
        await ask(poor)
    held = await in_use(anna)
    await acting(lambda tx: service.block(tx, held.id, "misuse"))
    with pytest.raises(TokenHeld):
        await ask(anna, "lost")
    with pytest.raises(TokenHeld):
        await acting(lambda tx: service.report_lost(tx, held.id, "lost"))
    third = await entitled(CODES[1])
    row = await ask(third)
    await acting(lambda tx: register.record_death(tx, third, date(2026, 3, 9)))
    with pytest.raises(HolderDied):
        await acting(lambda tx: service.approve_request(tx, row.id))


async def test_what_waits_is_withdrawn_with_whoever_died(anna: UUID) -> None:
    made, row = await encoded(anna), await ask(await entitled(CODES[0]))
    await acting(lambda tx: service.close_all(tx, anna, "deceased"))
    assert made.application_id is not None
    assert ((await token(made.id)).state, (await found(made.application_id)).state) == ("ended", "withdrawn")
    await acting(lambda tx: service.close_all(tx, row.person_id, "moved"))
    assert ((await found(row.id)).state, (await found(row.id)).decision) == ("withdrawn", "moved")


async def test_the_queue_shows_one_state_the_oldest_first(anna: UUID) -> None:
    first, second = await ask(anna), await ask(await entitled(CODES[0]))
    waiting = await acting(lambda tx: request_store.queue(tx, "submitted"))
    assert ([line.request.id for line in waiting.lines], waiting.count) == ([first.id, second.id], 2)
    assert (await acting(lambda tx: request_store.queue(tx, "approved"))).count == 0
