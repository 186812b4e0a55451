"""The vocabulary of a municipality's conditions: fact kinds, groups, relations, calendars and figures of the law."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from amis.register.models import Calendar, FactKindRow, Figure, PersonGroup
from rules.dated import Dated
from rules.group import define
from rules.period import Days, Period
from rules.vocabulary import FactKind, Vocabulary, WhenMissing

RELATIONS = frozenset({"child", "parent", "spouse", "ward", "guardian", "household"})
"""What a person can be to another, as conditions name it."""
_VOCABULARY = "register.vocabulary"


async def vocabulary(tx: Transaction) -> Vocabulary:
    """Everything that this municipality's conditions may name: the state's and its own, which win by code.

    Read once in a transaction, as a message of a thousand notices would ask for it a thousand times.
    """
    known: Vocabulary | None = tx.session.info.get(_VOCABULARY)
    if known is None:
        lists, conditions = await _groups(tx)
        known = tx.session.info[_VOCABULARY] = define(conditions, await _words(tx, lists))
    return known


def forget_vocabulary(tx: Transaction) -> None:
    """The words have changed in this transaction."""
    tx.session.info.pop(_VOCABULARY, None)


async def group_conditions(tx: Transaction) -> dict[str, Mapping[str, Any]]:
    """The JSON of each group by condition, by code of the group."""
    return (await _groups(tx))[1]


async def words_of_conditions(tx: Transaction) -> Vocabulary:
    """The vocabulary with the groups by list only, as the conditions of groups are read against it."""
    lists, _ = await _groups(tx)
    return await _words(tx, lists)


async def _words(tx: Transaction, lists: frozenset[str]) -> Vocabulary:
    kinds = {code: _kind(row) for code, row in (await fact_kinds(tx)).items()}
    parameters, cohorts = await _figures(tx)
    return Vocabulary(kinds, lists, await _calendars(tx), RELATIONS, parameters, cohorts)


async def fact_kinds(tx: Transaction) -> dict[str, FactKindRow]:
    """The kinds of facts kept here with their names, by code."""
    rows = await tx.session.scalars(
        select(FactKindRow).where(FactKindRow.municipality_id.in_((STATE, tx.municipality_id)))
    )
    return {row.code: row for row in sorted(rows, key=_own_last)}


def _kind(row: FactKindRow) -> FactKind:
    values = None if row.values is None else frozenset(row.values)
    return FactKind(row.code, values, WhenMissing(row.when_missing), row.numeric)


async def _groups(tx: Transaction) -> tuple[frozenset[str], dict[str, Mapping[str, Any]]]:
    rows = await tx.session.execute(
        select(PersonGroup.code, PersonGroup.condition).where(PersonGroup.municipality_id == tx.municipality_id)
    )
    conditions: dict[str, Mapping[str, Any] | None] = dict(map(tuple, rows))
    lists = frozenset(code for code, condition in conditions.items() if condition is None)
    return lists, {code: condition for code, condition in conditions.items() if condition is not None}


async def _calendars(tx: Transaction) -> dict[str, Days]:
    rows = await tx.session.scalars(select(Calendar).where(Calendar.municipality_id.in_((STATE, tx.municipality_id))))
    return {row.code: row.days for row in sorted(rows, key=_own_last, reverse=True)}


async def _figures(tx: Transaction) -> tuple[dict[str, Dated], dict[str, Dated]]:
    rows = await tx.session.scalars(
        select(Figure)
        .where(Figure.municipality_id.in_((STATE, tx.municipality_id)))
        .order_by(Figure.valid_from.asc().nulls_first())
    )
    tables: dict[tuple[int, str, str], list[Figure]] = defaultdict(list)
    for row in rows:
        tables[row.municipality_id, row.kind, row.code].append(row)
    found: dict[str, dict[str, Dated]] = {"parameter": {}, "cohort": {}}
    for (_, kind, code), steps in sorted(tables.items(), key=lambda item: item[0][0] == STATE):
        found[kind][code] = Dated(tuple((Period(step.valid_from, step.valid_to), step.figure) for step in steps))
    return found["parameter"], found["cohort"]


def _own_last(row: FactKindRow | Calendar) -> bool:
    # a municipality's own kind of the same code wins, which only ever says more; of calendars and figures the state's
    return row.municipality_id != STATE
