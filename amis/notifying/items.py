"""What a person's open news amounts to, in items that a message tells: looked up when it is told, not when it came."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from amis.concessions import store as concessions
from amis.granting import store as granting
from amis.granting.store import EntitlementView
from amis.issuing import request_store
from amis.issuing import store as tokens
from amis.issuing.models import Token
from amis.issuing.reasons import HELD, Delivery
from amis.kernel.db import Transaction
from amis.kernel.models import Municipality
from amis.notifying.content import Item
from amis.notifying.gathering import RIGHT
from amis.notifying.kinds import LEGAL, Kind
from amis.notifying.models import News
from amis.notifying.netting import Step, before, turn
from amis.notifying.why import BLOCKED, why_lost
from cards.token import State
from rules.period import EMPTY, Days, union


@dataclass(frozen=True, slots=True)
class Told:
    """An item, and whether it has to be told whatever the person wishes."""

    item: Item
    legal: bool


async def items_of(tx: Transaction, news: Sequence[News], language: str) -> list[Told]:
    """What to tell of these news about one person, in the order in which they came."""
    rights = await granting.entitlements_of(tx, news[0].person_id) if news else []
    found: list[Told] = []
    for concession_id in _in_order(row.concession_id for row in news):
        mine = [row for row in news if row.concession_id == concession_id]
        held = [one for one in rights if one.rule.concession_id == concession_id]
        item = await _of_concession(tx, concession_id, mine, held, language)
        found += [] if item is None else [Told(item, item.kind in LEGAL)]
    for token_id in _in_order(row.token_id for row in news):
        found += await _of_token(tx, token_id, language)
    return found


def _in_order(ids: Iterator[UUID | None]) -> list[UUID]:
    return list(dict.fromkeys(one for one in ids if one is not None))


async def _of_concession(
    tx: Transaction, concession_id: UUID, news: Sequence[News], held: Sequence[EntitlementView], language: str
) -> Item | None:
    """A change says the last day too, so that one that comes near or has passed needs no words beside it."""
    row = await concessions.get_concession(tx, concession_id)
    name = row.name_lv if language == "lv" else row.name_en
    has = union(one.periods for one in held)
    changes = [one for one in news if one.topic == RIGHT]
    told = turn(_had(changes, held), has, tx.day)
    if told is not None:
        lost = next((one for one in reversed(changes) if one.lost), None)
        why = await why_lost(tx, lost) if lost is not None and told.kind in LEGAL else ""
        return Item(told.kind, name, told.first, told.last, why)
    return _of_last_day(tx, name, news, has)


def _had(changes: Sequence[News], held: Sequence[EntitlementView]) -> Days:
    """The days of the concession before these changes, whichever of its rules gave them."""
    now = {one.rule_id: one.periods for one in held}
    steps: dict[UUID, list[Step]] = {}
    for one in changes:
        if one.rule_id is not None:
            steps.setdefault(one.rule_id, []).append(Step(one.gained, one.lost))
    had = {rule_id: before(now.get(rule_id, EMPTY), mine) for rule_id, mine in steps.items()}
    return union((now | had).values())


def _of_last_day(tx: Transaction, name: str, news: Sequence[News], has: Days) -> Item | None:
    """The end that was seen coming, or has passed, if it is still the end."""
    spells = list(has)
    last = spells[-1].last if spells else None
    for one in news:
        if last is not None and one.last_day == last:
            expired = last < tx.day
            return Item(Kind.EXPIRED if expired else Kind.ENDS_SOON, name, last=last, why="expired" if expired else "")
    return None


async def _of_token(tx: Transaction, token_id: UUID, language: str) -> list[Told]:
    token = await tokens.get_token(tx, token_id)
    reference = token.number[-4:]
    if token.state == State.BLOCKED:
        item = Item(Kind.BLOCKED, reference=reference, why=BLOCKED.get(token.reason, ""))
        return [Told(item, token.reason in HELD)]
    if token.application_id is None or token.state not in (State.PRODUCED, State.ISSUED):
        return []
    return await _of_card(tx, token, token.application_id, language)


async def _of_card(tx: Transaction, token: Token, application_id: UUID, language: str) -> list[Told]:
    """A card that waits at a desk, or is with the post."""
    reference = token.number[-4:]
    asked = (await request_store.get_request(tx, application_id)).request
    if token.posted_on is not None:
        return [Told(Item(Kind.CARD_READY, reference=reference), legal=False)]
    if token.state != State.PRODUCED or asked.delivery == Delivery.POST:
        return []
    return [Told(Item(Kind.CARD_READY, reference=reference, place=await _place(tx, asked.desk_id, language)), False)]


async def _place(tx: Transaction, desk_id: UUID | None, language: str) -> str:
    """The desk at which a card waits; the municipality, where none is named."""
    desk = next((one for one in await request_store.desks(tx) if one.id == desk_id), None)
    if desk is not None:
        return ", ".join(part for part in (desk.name, desk.address) if part)
    own = await tx.session.get_one(Municipality, tx.municipality_id)
    return own.name_lv if language == "lv" else own.name_en
