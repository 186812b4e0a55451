"""Taking up from the feed what may have to be told: each entry once, whatever happens in between."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from amis.issuing.reasons import HELD
from amis.kernel import feed
from amis.kernel.db import Transaction
from amis.kernel.feed import Entry
from amis.notifying.kinds import Channel, Kind
from amis.notifying.models import Contact, NotifyingMark
from amis.notifying.why import FOR_EVERYBODY
from amis.register import store as register
from amis.register.models import Person
from rules.period import Days, Period, union

AT_ONCE = 1_000
"""Entries of the feed that are read in one transaction."""
RIGHT = "entitlement"
"""The topic of news about a right; what it amounts to shows when it is told."""
_OF_TOKENS: Mapping[str, Kind] = {
    "token.produced": Kind.CARD_READY,
    "token.issued": Kind.CARD_READY,
    "token.blocked": Kind.BLOCKED,
}


_NOTE = """
INSERT INTO holder_news (id, municipality_id, person_id, cause_key, topic, concession_id, rule_id, token_id, gained,
    lost, cause, cause_ref, happened_at, noted_at, held)
SELECT uuidv7(), :own, person_id, cause_key, topic, concession_id, rule_id, token_id, coalesce(gained, '{}'),
    coalesce(lost, '{}'), cause, coalesce(cause_ref, ''), happened_at, :now, coalesce(held, false)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (person_id uuid, cause_key text, topic text, concession_id uuid,
    rule_id uuid, token_id uuid, gained datemultirange, lost datemultirange, cause text, cause_ref text,
    happened_at timestamptz, held boolean)
ON CONFLICT (municipality_id, cause_key) DO NOTHING
"""


async def gather(tx: Transaction) -> bool:
    """Reads on in the municipality's feed; whether there may be more.

    Of somebody of whom nobody knows how they are reached only what takes a right away is noted.
    """
    mark = await tx.session.get(NotifyingMark, tx.municipality_id, with_for_update=True)
    if mark is None:
        return False
    found = await feed.entries(tx, mark.seq, AT_ONCE)
    if not found:
        return False
    reached = await _reached(tx, {entry.subject for entry in found if entry.subject is not None})
    await note(tx, [row for entry in found if (row := _news(tx, entry, reached)) is not None])
    mark.seq = found[-1].seq
    return len(found) == AT_ONCE


async def note(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Keeps news; what was noted under the same `cause_key` before stays as it is."""
    if rows:
        values = {"own": tx.municipality_id, "now": tx.at, "rows": json.dumps(rows)}
        await tx.session.execute(text(_NOTE), values)


async def _reached(tx: Transaction, persons: Collection[UUID]) -> set[UUID]:
    """Those of them who are told courtesies."""
    found = await _with_contact(tx, persons)
    query = select(Person.merged_into).where(
        Person.municipality_id == tx.municipality_id, Person.merged_into.in_(set(persons) - found)
    )
    for several in set(await tx.session.scalars(query)):
        if several is not None and await _with_contact(tx, await register.also_known_as(tx, several)):
            found.add(several)
    return found


async def _with_contact(tx: Transaction, persons: Collection[UUID]) -> set[UUID]:
    query = select(Contact.person_id).where(
        Contact.municipality_id == tx.municipality_id,
        Contact.person_id.in_(persons),
        Contact.channel != Channel.NONE.value,
    )
    return set(await tx.session.scalars(query))


def _news(tx: Transaction, entry: Entry, reached: set[UUID]) -> dict[str, Any] | None:
    """The row for an entry of the feed; None where nobody has to be told."""
    if entry.subject is None:
        return None
    about = _of_right(entry) if entry.source == "entitlement_log" else _of_token(entry)
    if about is None or not (about.pop("against") or entry.subject in reached):
        return None
    key = f"{entry.source}/{entry.ref}"
    return about | {"person_id": str(entry.subject), "cause_key": key, "happened_at": min(entry.at, tx.at).isoformat()}


def _of_right(entry: Entry) -> dict[str, Any] | None:
    told = entry.data
    gained, lost = _days(told["gained"]), _days(told["lost"])
    if not gained and not lost:
        return None
    return {
        "topic": RIGHT,
        "concession_id": told["concession_id"],
        "rule_id": told["rule_id"],
        "gained": str(gained),
        "lost": str(lost),
        "cause": told["cause"],
        "cause_ref": told["cause_ref"],
        "held": told["cause"] in FOR_EVERYBODY,
        "against": bool(lost),
    }


def _of_token(entry: Entry) -> dict[str, Any] | None:
    kind, told = _OF_TOKENS.get(entry.topic), entry.data
    if kind is None or (kind is Kind.CARD_READY and told["kind"] != "card"):
        return None
    against = told["reason"] in HELD
    return {"topic": kind.value, "token_id": told["token_id"], "cause": told["reason"], "against": against}


def _days(periods: list[dict[str, str | None]]) -> Days:
    return union(Days.of(Period.inclusive(_day(one["from"]), _day(one["to"]))) for one in periods)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
