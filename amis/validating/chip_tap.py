"""A tap of a card to which the service itself talks: the chip proves its key here, then the lane decides."""

from hashlib import sha256

from amis.issuing.card_keys import keys_for
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.errors import Invalid
from amis.kernel.ids import new_id
from amis.validating.api import evidence_of
from amis.validating.body import CHIP_TIER, SERVED_TIER, Card, Shown, TapBody, read
from amis.validating.chip_line import ChipLine
from amis.validating.errors import CardNotRead, SequenceReused
from amis.validating.item import Item
from amis.validating.lane import Lane
from amis.validating.reserve_claims import claims_of
from amis.validating.shown import Evidence
from cards.desfire.procedure import Procedure
from cards.desk.relay import drive
from cards.errors import CardFault, Counterfeit, ForeignCard, NoSuchKey, ReaderError, RecordDamaged, WrongKeyUse
from cards.profile import PublicCard, read_keyed, read_keyset, read_public
from cards.profile.layout import READ
from rules.reason import Reason


async def decide_on_chip(line: ChipLine, lane: Lane, bearer: str, raw: bytes) -> bytes:
    """The answer to a tap whose card lies at the other end of `line`, recorded; the same request again gets the same.

    Raises:
        CardNotRead: nothing was recorded; the same request may come again.
        LineGone
        AmisError: what is wrong with this request.
    """
    body = read(raw, TapBody, (SERVED_TIER,))
    uid, now = _uid(body), clock.now()
    item = Item(body, sha256(raw).hexdigest(), bearer, Evidence(), now, str(new_id()), lane.promise())
    before = await _answered(item)
    if before is not None:
        return before
    item.evidence = await _proved(line, f"tap {body.seq}", uid)
    return await lane.decide(item)


async def _answered(item: Item) -> bytes | None:
    """The answer given before; whoever repeats a request need not have the card there any more."""
    async with transaction(system("validating")) as tx:
        row = (await claims_of(tx, item))[0]
    if row.answer is None or row.answered_sha is None:
        return None
    if row.answered_sha.hex() != item.sha:
        raise SequenceReused(pointer="/seq")
    return row.answer.encode()


def _uid(body: TapBody) -> bytes:
    token = body.token
    if not isinstance(token, Shown) or token.card is None or token.card.uid is None:
        raise Invalid("a card with its uid is expected", pointer="/token")
    return bytes.fromhex(token.card.uid)


async def _proved(line: ChipLine, op: str, uid: bytes) -> Evidence:
    """What the chip shows and proves; why it is refused, where it is none of ours."""
    try:
        card = await drive(proof_of(uid), line.exchange(op))
    except (ReaderError, CardFault) as fault:
        if (reason := _refusal(fault)) is None:
            raise CardNotRead(fault.code) from fault
        return Evidence(refused=reason, uid=uid.hex())
    shown = Card(uid=uid.hex(), credential=card.credential or None, tier=CHIP_TIER)
    return evidence_of(Shown(card=shown), clock.now())


def proof_of(uid: bytes) -> Procedure[PublicCard]:
    """What everybody can read of the card, which then has to prove that it knows key 1 of this UID: 13 APDUs.

    Raises:
        CardNotRead: another card lies there.
        Counterfeit, ForeignCard, RecordDamaged
    """
    card, key = yield from key_of(uid, READ)
    yield from read_keyed(key)
    return card


def key_of(uid: bytes, slot: int) -> Procedure[tuple[PublicCard, bytes]]:
    """What everybody can read of the card with this UID, and the key that it must have; raises as `proof_of`."""
    card = yield from read_public()
    if card.uid != uid:
        raise CardNotRead("card_swapped")
    keyset = yield from read_keyset()
    try:
        return card, keys_for(card.header.issuer)(uid)(slot, keyset)
    except (NoSuchKey, WrongKeyUse) as unknown:
        # a key set that we never made, or that no card of ours carries any more
        raise Counterfeit(f"key set {keyset}") from unknown


def _refusal(fault: ReaderError | CardFault) -> Reason | None:
    """What the card is by that; None where it may be another time."""
    match fault:
        case Counterfeit():
            return Reason.BAD_SIGNATURE
        case ForeignCard():
            return Reason.UNKNOWN_TOKEN
        case RecordDamaged():
            return Reason.MALFORMED
    return None
