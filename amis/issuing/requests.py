"""Applications for cards: asked for, decided, paid; only an approved one makes a card."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amis.concessions.cards import cards_on
from amis.concessions.models import CardProduct
from amis.issuing import card_tokens, minting, request_store, store
from amis.issuing.card_models import Photo, TokenApplication
from amis.issuing.errors import (
    ApplicantNotEntitled,
    DeskNotListed,
    ExplanationMissing,
    HolderDied,
    NothingGranted,
    NothingToPay,
    PhotoNotTheirs,
    ProductUnknown,
    RequestDecided,
    SupervisorDecides,
    TokenHeld,
)
from amis.issuing.fees import Fee, fee_of, police_reference
from amis.issuing.life import is_held, step
from amis.issuing.losses import MANY, count_losses
from amis.issuing.models import Token
from amis.issuing.photo_store import newest_photo
from amis.issuing.reasons import GONE, Delivery, RequestReason, of_list
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import representation
from amis.register import store as register
from amis.register.errors import PersonErased
from amis.register.models import Person
from cards.token import EndReason, Event, State

_LONGEST = 500
_WAITS = ("submitted", "referred")


@dataclass(frozen=True, slots=True)
class CardRequest:
    """What is asked for: `product` is the code of a card product, `reason` one of reasons.RequestReason.

    `applicant_id` asks for the person; `replaces` is by default the person's newest such card, `photo_id` the newest
    photo; `waiver` is one that a clerk chooses; `campaign_id` is set where a campaign asks.
    """

    person_id: UUID
    product: str
    reason: str
    delivery: str = Delivery.DESK.value
    applicant_id: UUID | None = None
    desk_id: UUID | None = None
    replaces: UUID | None = None
    photo_id: UUID | None = None
    waiver: str = ""
    police_reference: str = ""
    campaign_id: UUID | None = None


async def request(tx: Transaction, asked: CardRequest) -> TokenApplication:
    """Keeps an application of now; a lost or stolen card is blocked in the same moment.

    The third loss in twelve months is referred to a supervisor.

    Raises:
        PersonUnknown, PersonErased, HolderDied, ProductUnknown, ReasonUnknown, ApplicantNotEntitled, DeskNotListed,
        PhotoNotTheirs, PoliceReferenceInvalid, TokenHeld, NothingGranted, CardRequestedAlready, CardThere,
        NoCardToReplace, CardReplacedAlready, ReportedGone, StepRefused
    """
    person = await register.lock_person(tx, asked.person_id)
    reason = RequestReason(of_list(asked.reason, RequestReason))
    product = await _product(tx, asked.product)
    await _check(tx, asked)
    reference = police_reference(asked.police_reference, reason)
    await _may_have_one(tx, person)
    old = await card_tokens.to_replace(tx, person.id, product.code, reason, asked.replaces)
    if old is not None and old.state == State.ENDED:
        await settle(tx, old)
    never_came = old is not None and old.activated_at is None
    by_campaign = asked.campaign_id is not None
    fee = fee_of(product, reason, asked.waiver, reference, campaign=by_campaign, never_came=never_came)
    row = await _row(tx, asked, old, fee, reference)
    tx.session.add(row)
    await tx.session.flush()
    await audit.record(tx, "card_request.submit", ("token_application", row.id), after=_shown(row))
    return row


async def _row(tx: Transaction, asked: CardRequest, old: Token | None, fee: Fee, reference: str) -> TokenApplication:
    """The application as it is kept; `asked` has been looked at already."""
    return TokenApplication(
        id=new_id(),
        municipality_id=tx.municipality_id,
        person_id=asked.person_id,
        product=asked.product,
        reason=asked.reason,
        channel="desk" if asked.campaign_id is None else "campaign",
        applicant_id=asked.applicant_id,
        delivery=of_list(asked.delivery, Delivery, "delivery"),
        desk_id=asked.desk_id,
        campaign_id=asked.campaign_id,
        replaces=None if old is None else old.id,
        photo_id=asked.photo_id or await newest_photo(tx, asked.person_id),
        fee=fee.amount,
        waiver=fee.waiver,
        police_reference=reference,
        state="referred" if await _too_many_losses(tx, asked.person_id, RequestReason(asked.reason)) else "submitted",
        submitted_at=tx.at,
        submitted_by=tx.actor.id,
        decision="",
    )


async def approve_request(tx: Transaction, request_id: UUID, said: str = "") -> Token:
    """Approves: the card may now be made. A referred application is approved only by who may card.supervise.

    Raises:
        CardRequestUnknown, RequestDecided, SupervisorDecides, PersonErased, HolderDied, TokenHeld, NothingGranted,
        ProductUnknown, CardReplacedAlready
    """
    person = await _person_of(tx, request_id)
    row = await request_store.lock_request(tx, request_id)
    if row.state not in _WAITS:
        raise RequestDecided
    if row.state == "referred" and not tx.actor.may("card.supervise"):
        raise SupervisorDecides
    await _may_have_one(tx, person)
    product = await _product(tx, row.product)
    await _decide(tx, row, "approved", said)
    return await card_tokens.make(tx, row, product)


async def refuse_request(tx: Transaction, request_id: UUID, said: str) -> None:
    """Refuses, and says why.

    Raises:
        CardRequestUnknown, RequestDecided, SupervisorDecides, ExplanationMissing
    """
    row = await request_store.lock_request(tx, request_id)
    if row.state not in _WAITS:
        raise RequestDecided
    if row.state == "referred" and not tx.actor.may("card.supervise"):
        raise SupervisorDecides
    await _decide(tx, row, "refused", _said(said))


async def withdraw_request(tx: Transaction, request_id: UUID, said: str) -> None:
    """Takes an application back; a card that has not left the office is not made, or ends.

    Raises:
        CardRequestUnknown, RequestDecided, ExplanationMissing
    """
    why = _said(said)
    await _person_of(tx, request_id)
    made = (await request_store.get_request(tx, request_id)).token
    token = None if made is None else await store.lock_token(tx, made.id)
    row = await request_store.lock_request(tx, request_id)
    if row.state not in (*_WAITS, "approved") or (token and token.state not in request_store.IN_THE_MAKING):
        raise RequestDecided
    if token is not None:
        await step(tx, token, Event.END, EndReason.RETURNED)
    await _decide(tx, row, "withdrawn", why)


async def pay(tx: Transaction, request_id: UUID) -> None:
    """Notes that the fee was paid.

    Raises:
        CardRequestUnknown, NothingToPay
    """
    row = await request_store.lock_request(tx, request_id)
    if row.paid_at is not None or not row.fee or row.state not in (*_WAITS, "approved"):
        raise NothingToPay
    row.paid_at = tx.at
    await audit.record(tx, "card_request.pay", ("token_application", row.id), after={"fee": str(row.fee)})


async def settle(tx: Transaction, token: Token) -> None:
    """Closes the application of a card that is its holder's now, or that ended before it was."""
    if token.application_id is None:
        return
    row = await request_store.lock_request(tx, token.application_id)
    if row.state == "approved":
        left_the_office = token.activated_at is not None or token.posted_on is not None
        await _move(tx, row, "done" if left_the_office else "withdrawn", token.reason)


async def close_requests(tx: Transaction, person_id: UUID, why: str) -> None:
    """Withdraws what waits for a decision, as of a person who died or moved away."""
    for line in await request_store.requests_of(tx, person_id):
        if line.request.state in _WAITS:
            await _decide(tx, await request_store.lock_request(tx, line.request.id), "withdrawn", why)


async def withdraw_double(tx: Transaction, request_id: UUID) -> None:
    """Withdraws what is asked for a second time by somebody who turned out to be one with another person."""
    await _decide(tx, await request_store.lock_request(tx, request_id), "withdrawn", "merged")


async def _person_of(tx: Transaction, request_id: UUID) -> Person:
    """The person of an application, locked: person, tokens, application is the order in which all of issuing locks."""
    return await register.lock_person(tx, (await request_store.get_request(tx, request_id)).request.person_id)


async def _product(tx: Transaction, code: str) -> CardProduct:
    found = next((one for one in await cards_on(tx, tx.day) if one.code == code), None)
    if found is None:
        raise ProductUnknown(pointer="/product")
    return found


async def _check(tx: Transaction, asked: CardRequest) -> None:
    who = asked.applicant_id
    if who is not None and not await representation.represents(tx, who, asked.person_id, tx.day):
        raise ApplicantNotEntitled(pointer="/applicant")
    if asked.desk_id is not None and asked.desk_id not in {desk.id for desk in await request_store.desks(tx)}:
        raise DeskNotListed(pointer="/desk")
    if asked.photo_id is not None:
        photo = await tx.session.get(Photo, asked.photo_id)
        known = await register.also_known_as(tx, asked.person_id)
        if photo is None or photo.municipality_id != tx.municipality_id or photo.person_id not in known:
            raise PhotoNotTheirs(pointer="/photo")


async def _may_have_one(tx: Transaction, person: Person) -> None:
    if person.subject_key is None:
        raise PersonErased
    if person.died is not None:
        raise HolderDied
    if any(map(is_held, await store.lock_open_tokens(tx, person.id))):
        raise TokenHeld
    if not minting.promised(await minting.granted_days(tx, person.id), tx.day, tx.day):
        raise NothingGranted


async def _too_many_losses(tx: Transaction, person_id: UUID, reason: RequestReason) -> bool:
    if reason.value not in GONE:
        return False
    tokens = [line.token for line in await request_store.requests_of(tx, person_id) if line.token is not None]
    # what got lost on its way was not lost by its holder
    return await count_losses(tx, [token.id for token in tokens if token.activated_at is not None]) >= MANY


async def _decide(tx: Transaction, row: TokenApplication, state: str, said: str) -> None:
    row.decided_at, row.decided_by, row.decision = tx.at, tx.actor.id, said.strip()[:_LONGEST]
    await _move(tx, row, state, row.decision)


_VERBS = {"approved": "approve", "refused": "refuse", "withdrawn": "withdraw", "done": "finish"}


async def _move(tx: Transaction, row: TokenApplication, state: str, reason: str) -> None:
    before = {"state": row.state}
    row.state = state
    await tx.session.flush()
    subject = ("token_application", row.id)
    await audit.record(tx, f"card_request.{_VERBS[state]}", subject, before=before, after=_shown(row), reason=reason)


def _said(text: str) -> str:
    if not 0 < len(text.strip()) <= _LONGEST:
        raise ExplanationMissing(pointer="/reason")
    return text.strip()


def _shown(row: TokenApplication) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in ("state", "product", "reason", "channel", "delivery", "waiver")}
    ids = {name: getattr(row, name) for name in ("person_id", "applicant_id", "replaces", "photo_id", "campaign_id")}
    return shown | {name: str(value) for name, value in ids.items() if value} | {"fee": str(row.fee)}
