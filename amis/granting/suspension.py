"""Suspension orders: one person writes an order, another publishes it, and what it rests comes back by itself."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from amis.granting import store, suspension_store
from amis.granting.errors import (
    OrderBegun,
    OrderCodeTaken,
    OrderFourEyes,
    OrderInvalid,
    OrderStateWrong,
    OrderUnknown,
    ReasonMissing,
)
from amis.granting.models import SuspensionOrder
from amis.granting.regranting import Cause
from amis.granting.suspending import Order, exemptions_from
from amis.granting.wholesale import regrant_everybody
from amis.kernel import audit, outbox
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.models import STATE
from amis.register import store as register
from rules.condition import reads
from rules.errors import RulesError

STATE_ORDER = "suspension.state"
"""The outbox topic by which the persons of every municipality follow an order of the state."""
_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,31}")
_PATTERN = re.compile(r"[A-Z0-9-]{0,31}\*|[A-Z][A-Z0-9-]{1,31}")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order to write: codes of concessions (`*` at the end = any ending) rest on the days `[valid_from, valid_to)`.

    Each of `exceptions` is `{"condition": tree, "from"?: day, "to"?: day}`, its days half-open.
    """

    code: str
    legal_basis: str
    concessions: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None
    exceptions: tuple[dict[str, Any], ...] = ()


async def draft_order(tx: Transaction, draft: OrderDraft) -> UUID:
    """Keeps a new order that rests nothing yet.

    Raises:
        OrderInvalid, OrderCodeTaken
    """
    await _check(tx, draft)
    row = SuspensionOrder(
        id=new_id(), municipality_id=tx.municipality_id, state="draft", author=tx.actor.id, **_content(draft)
    )
    tx.session.add(row)
    try:
        await tx.session.flush()
    except IntegrityError as error:
        raise OrderCodeTaken(draft.code, pointer="/code") from error
    await audit.record(tx, "suspension.draft", ("suspension_order", row.id), after=_shown(row))
    return row.id


async def publish_order(tx: Transaction, order_id: UUID) -> int:
    """Puts an order in force; how many rights it rests or will rest. The system publishes alone, even of the past.

    Persons of other municipalities follow an order of the state when the worker does what it leaves in the outbox.

    Raises:
        OrderUnknown, OrderStateWrong, OrderFourEyes, OrderBegun
    """
    await store.hold_regranting(tx)
    row = await _own(tx, order_id, "draft")
    if tx.actor.kind != "system" and tx.actor.id == row.author:
        raise OrderFourEyes
    # the system puts orders of the past on record, as they were published on paper
    if tx.actor.kind != "system" and row.valid_from < tx.day:
        raise OrderBegun(pointer="/valid_from")
    row.state, row.approver, row.published_at = "active", tx.actor.id, tx.at
    await tx.session.flush()
    after = _shown(row) | {"author": row.author, "approver": row.approver}
    await audit.record(tx, "suspension.publish", ("suspension_order", row.id), after=after, reason=row.legal_basis)
    return await _follow(tx, row.id)


async def withdraw_order(tx: Transaction, order_id: UUID, reason: str) -> int:
    """Takes an order back from today on; how many rights that changes. What has been rested until today stays so.

    Raises:
        OrderUnknown, OrderStateWrong, ReasonMissing
    """
    if not 0 < len(reason.strip()) <= _LONGEST:
        raise ReasonMissing(pointer="/reason")
    await store.hold_regranting(tx)
    row = await _own(tx, order_id, "draft", "active")
    before, day = row.state, tx.day
    if before == "active" and row.valid_to is not None and row.valid_to <= day:
        raise OrderStateWrong
    if before == "active" and row.valid_from < day:
        row.valid_to = day
    else:
        row.state = "withdrawn"
    await tx.session.flush()
    await audit.record(tx, "suspension.withdraw", ("suspension_order", row.id), after=_shown(row), reason=reason)
    return await _follow(tx, row.id) if before == "active" else 0


async def follow_order(tx: Transaction, order_id: UUID) -> int:
    """Brings everybody's rights in this municipality in line with an order, own or the state's; how many changed.

    Raises:
        OrderUnknown
    """
    order = await _order(tx, await suspension_store.get_order(tx, order_id))
    rules = await suspension_store.rules_of(tx, order)
    return await regrant_everybody(tx, Cause("suspension", order.code), only=rules) if rules else 0


async def _follow(tx: Transaction, order_id: UUID) -> int:
    suspension_store.forget_orders(tx)
    if tx.municipality_id == STATE:
        await outbox.publish(tx, STATE_ORDER, str(order_id), {"order_id": str(order_id)})
    return await follow_order(tx, order_id)


async def _check(tx: Transaction, draft: OrderDraft) -> None:
    if not _CODE.fullmatch(draft.code):
        raise OrderInvalid(draft.code, pointer="/code")
    if not 0 < len(draft.legal_basis.strip()) <= _LONGEST:
        raise OrderInvalid(pointer="/legal_basis")
    if not draft.concessions or not all(_PATTERN.fullmatch(pattern) for pattern in draft.concessions):
        raise OrderInvalid(pointer="/concessions")
    if draft.valid_to is not None and draft.valid_to <= draft.valid_from:
        raise OrderInvalid(pointer="/valid_to")
    await _check_exceptions(tx, draft)


async def _check_exceptions(tx: Transaction, draft: OrderDraft) -> None:
    vocabulary = await register.vocabulary(tx)
    for at, row in enumerate(draft.exceptions):
        try:
            [spared] = exemptions_from([row], vocabulary)
        except (RulesError, KeyError, ValueError) as error:
            raise OrderInvalid(str(error), pointer=f"/exceptions/{at}") from error
        read = reads(spared.condition, vocabulary.definitions)
        # what changes for a relative finds the rules that read it of a relative, and an order is none;
        # a list that one municipality keeps is unknown to the others, where an order of the state holds too
        if read.relations or (tx.municipality_id == STATE and read.groups):
            raise OrderInvalid(pointer=f"/exceptions/{at}")


def _content(draft: OrderDraft) -> dict[str, Any]:
    return {
        "code": draft.code,
        "legal_basis": draft.legal_basis.strip(),
        "concessions": list(draft.concessions),
        "valid_from": draft.valid_from,
        "valid_to": draft.valid_to,
        "exceptions": list(draft.exceptions),
    }


async def _own(tx: Transaction, order_id: UUID, *states: str) -> SuspensionOrder:
    row = await tx.session.scalar(
        select(SuspensionOrder)
        .where(SuspensionOrder.municipality_id == tx.municipality_id, SuspensionOrder.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise OrderUnknown
    if row.state not in states:
        raise OrderStateWrong
    return row


async def _order(tx: Transaction, row: SuspensionOrder) -> Order:
    return suspension_store.order_of(row, await register.vocabulary(tx))


def _shown(row: SuspensionOrder) -> dict[str, Any]:
    return {
        "code": row.code,
        "state": row.state,
        "concessions": row.concessions,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        "exceptions": row.exceptions,
    }
