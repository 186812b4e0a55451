"""Kinds of facts: what values they may have, what silence means, what people call them."""

from typing import Any

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from amis.register import store
from amis.register.errors import FactKindInUse, FactKindNarrowed
from amis.register.models import FactKindRow
from rules.errors import Refused
from rules.vocabulary import FactKind, WhenMissing


async def define_fact_kind(tx: Transaction, kind: FactKind, name_lv: str = "", name_en: str = "") -> bool:
    """Sets what facts of a kind may say and what their absence means; whether that changed anything.

    Raises:
        FactKindNarrowed: rules of the state would no longer be readable here, or grant what is not known.
        FactKindInUse: a group by condition reads what this takes away.
    """
    await _check_kind(tx, kind)
    row = await tx.session.get(FactKindRow, (tx.municipality_id, kind.code))
    before = None if row is None else _shown(row)
    wanted = _wanted(kind, name_lv, name_en)
    if before == wanted:
        return False
    if row is None:
        tx.session.add(FactKindRow(municipality_id=tx.municipality_id, code=kind.code, **wanted))
    else:
        row.values, row.when_missing, row.numeric = wanted["values"], wanted["when_missing"], wanted["numeric"]
        row.name_lv, row.name_en = name_lv, name_en
    await tx.session.flush()
    await _check_groups(tx)
    await audit.record(tx, "fact_kind.define", ("fact_kind", kind.code), before=before, after=wanted)
    return True


def _wanted(kind: FactKind, name_lv: str, name_en: str) -> dict[str, Any]:
    values = None if kind.values is None else sorted(kind.values)
    sense = {"values": values, "when_missing": kind.when_missing.value, "numeric": kind.numeric}
    return sense | {"name_lv": name_lv, "name_en": name_en}


def _shown(row: FactKindRow) -> dict[str, Any]:
    sense = {"values": row.values, "when_missing": row.when_missing, "numeric": row.numeric}
    return sense | {"name_lv": row.name_lv, "name_en": row.name_en}


async def _check_kind(tx: Transaction, kind: FactKind) -> None:
    of_state = await tx.session.get(FactKindRow, (STATE, kind.code))
    if of_state is None or tx.municipality_id == STATE:
        return
    own, theirs = kind.values, None if of_state.values is None else frozenset(of_state.values)
    narrower = own != theirs and (own is None or theirs is None or not own.issuperset(theirs))
    surer = kind.when_missing is WhenMissing.FALSE and of_state.when_missing == WhenMissing.UNKNOWN
    if narrower or surer or kind.numeric != of_state.numeric:
        raise FactKindNarrowed(kind.code)


async def _check_groups(tx: Transaction) -> None:
    store.forget_vocabulary(tx)
    try:
        await store.vocabulary(tx)
    except Refused as error:
        raise FactKindInUse(str(error)) from error
