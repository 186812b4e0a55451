"""What goes into a chip, from the register's side: AMIS-DF1 (cards.profile) for one card and one UID."""

from uuid import UUID

from amis.concessions import store as concessions
from amis.concessions.models import Concession, ConcessionTerms
from amis.issuing import minting, request_store, store
from amis.issuing.card_credentials import credential_for
from amis.issuing.errors import AnotherChip, StepRefused
from amis.issuing.models import Token
from amis.issuing.photo_store import get_photo
from amis.kernel.db import Transaction
from amis.kernel.sealed import blind_index, subject_key
from amis.register import store as register
from amis.register.errors import PersonErased
from amis.register.models import Person
from cards.profile.content import CardContent
from cards.profile.records import COMPANION, ENTITLEMENTS, ONLINE, PHOTO_ID, EntitlementRecord, HolderFile
from cards.token import Kind, State
from rules.period import Days
from rules.tariff import Discount, DiscountKind
from rules.terms import Terms

_WRITABLE = (State.APPROVED, State.PRODUCED, State.ACTIVE)
_NO_PHOTO = bytes(32)


async def content_of(tx: Transaction, token_id: UUID, uid: bytes) -> CardContent:
    """All that the card is to carry in the chip with this 7-byte UID; asked again, the same while nothing changed.

    The counter starts empty: quotas belong to the person and are counted by the service, so that a second card brings
    no second quota.

    Raises:
        TokenUnknown, StepRefused, PersonErased, NothingGranted, AnotherChip: the card is not tied to this one.
    """
    token = await store.lock_token(tx, token_id)
    if token.kind != Kind.CARD or token.application_id is None or token.state not in _WRITABLE:
        raise StepRefused
    if token.card_uid != uid:
        raise AnotherChip
    person = await register.get_person(tx, token.person_id)
    if person.subject_key is None:
        raise PersonErased
    days = await minting.granted_days(tx, person.id)
    key = subject_key(person.id, person.subject_key)
    credential = await credential_for(tx, token, uid, key, days)
    given = {row.public_code: row for row in await concessions.list_concessions(tx)}
    signed = credential.rights[:ENTITLEMENTS]
    records = tuple([await _record(tx, given[right.code], days[right.code], token) for right in signed])
    return CardContent(
        issuer=tx.municipality_id,
        number=token.number,
        valid_from=token.valid_from,
        valid_to=token.valid_to,
        generation=token.generation,
        credential=credential.content,
        holder=await _holder(tx, person, token.application_id, records),
        entitlements=records,
        quota=0,
    )


async def _holder(
    tx: Transaction, person: Person, request_id: UUID, records: tuple[EntitlementRecord, ...]
) -> HolderFile:
    photo_id = (await request_store.get_request(tx, request_id)).request.photo_id
    return HolderFile(
        pseudonym=blind_index(tx.municipality_id, "card", str(person.id)),
        birth_year=person.born.year if person.born else 0,
        companion=any(record.flags & COMPANION for record in records),
        photo=_NO_PHOTO if photo_id is None else (await get_photo(tx, photo_id)).sha256,
    )


async def _record(tx: Transaction, given: Concession, days: Days, token: Token) -> EntitlementRecord:
    period = days.period_at(tx.day)
    assert period is not None  # a signed right holds today
    row = await concessions.terms_at(tx, given.id, tx.day)
    return EntitlementRecord(
        concession=given.public_code,
        operators=0,
        discount=0 if row is None else _per_cent(row),
        area=0,
        valid_from=max(period.start or token.valid_from, token.valid_from),
        valid_to=min(period.end or token.valid_to, token.valid_to),
        flags=0 if row is None else _flags(Terms.from_json(row.terms)),
    )


def _per_cent(row: ConcessionTerms) -> int:
    """What is off in whole per cent; 0 where that is not how the price is made."""
    discount = Discount.from_json(row.discount)
    if discount.kind is DiscountKind.FREE:
        return 100
    return int(discount.value) if discount.kind is DiscountKind.PERCENT else 0


def _flags(terms: Terms) -> int:
    asked = (terms.check_photo, PHOTO_ID), (terms.offline.online_only, ONLINE), (terms.companions > 0, COMPANION)
    return sum(flag for holds, flag in asked if holds)
