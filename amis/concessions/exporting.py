"""What a grantor gives on a day, gathered for those who plan journeys and sell tickets: NeTEx and GTFS write it down.

How rights begin and end belongs to the rules, which lie above this room, so it is read from the database alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import column, select, table

from amis.concessions import store
from amis.concessions.drafts import TermsDraft
from amis.concessions.models import Concession
from amis.concessions.terms_values import draft_of
from amis.kernel.db import Transaction
from amis.kernel.models import Municipality

_RULE = table("grant_rule", column("id"), column("concession_id"))
_VERSION = table(
    "rule_version",
    column("rule_id"),
    column("version"),
    column("state"),
    column("on_becoming"),
    column("on_ceasing"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A concession with its terms of the day; the policies are those of its newest rule in force, None without one."""

    concession: Concession
    revision: int
    terms: TermsDraft
    on_becoming: str | None = None
    on_ceasing: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that one grantor gives on a day, by code."""

    grantor: Municipality
    day: date
    offers: tuple[Offer, ...]


async def gather(tx: Transaction, day: date) -> Sheet:
    """What the acting municipality gives on a local day; retired concessions and those without terms are left out."""
    grantors, policies = await store.grantors(tx), await _policies(tx)
    own = [row for row in await store.list_concessions(tx) if row.municipality_id == tx.municipality_id]
    offers = [_offer(row, day, policies) for row in sorted(own, key=lambda row: row.code) if row.state == "active"]
    return Sheet(grantors[tx.municipality_id], day, tuple(offer for offer in offers if offer is not None))


def _offer(row: Concession, day: date, policies: Mapping[UUID, tuple[str, str]]) -> Offer | None:
    for terms in row.revisions:
        if terms.valid_from <= day and (terms.valid_to is None or day < terms.valid_to):
            return Offer(row, terms.revision, draft_of(terms), *policies.get(row.id, (None, None)))
    return None


async def _policies(tx: Transaction) -> dict[UUID, tuple[str, str]]:
    version, rule = _VERSION.c, _RULE.c
    found = await tx.session.execute(
        select(rule.concession_id, version.on_becoming, version.on_ceasing)
        .join_from(_RULE, _VERSION, version.rule_id == rule.id)
        .where(version.state == "active")
        .order_by(version.version)
    )
    return {concession_id: (becoming, ceasing) for concession_id, becoming, ceasing in found}
