"""The policy of each provider that has terminals: whose concessions on which terms, its places, its terminals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, LiteralString
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.rows import namedtuple_row

from rules.errors import RulesError
from rules.period import EMPTY, Days, Period
from rules.tariff import Discount, Quota
from rules.terms import Place, Terms
from terminals.bundle.policy import Policy, Revision

STILL_TOLD = timedelta(days=62)
"""A revision stays in the policy so long after its last day: taps are uploaded, and looked at, later."""

_PROVIDERS: LiteralString = """
SELECT id, code, kind FROM provider
WHERE EXISTS (SELECT FROM terminal WHERE terminal.provider_id = provider.id) ORDER BY code
"""
_PLACES: LiteralString = "SELECT provider_id, code, mode, zone, lat, lon FROM place"
_TERMINALS: LiteralString = """
SELECT terminal.provider_id, terminal.machine_id, place.code AS place
FROM terminal JOIN place ON place.id = terminal.place_id
"""
_REVISIONS: LiteralString = """
SELECT DISTINCT acceptance.provider_id, concession.public_code, dated.concession_id, dated.revision,
    municipality.code AS grantor, dated.valid_from, dated.valid_to, dated.discount, dated.quota, dated.terms, (
        -- uses are carried over from the first revision that carries them over in the same way
        SELECT min(like_it.valid_from) FROM concession_terms AS like_it
        WHERE like_it.concession_id = dated.concession_id AND like_it.valid_from <= dated.valid_from
            AND like_it.quota ->> 'per' = dated.quota ->> 'per'
            AND like_it.quota ->> 'carry_until' = dated.quota ->> 'carry_until'
    ) AS since
FROM acceptance
    JOIN concession ON concession.municipality_id = acceptance.grantor_id
        AND (acceptance.concession_id IS NULL OR acceptance.concession_id = concession.id)
    JOIN concession_terms AS dated ON dated.concession_id = concession.id
    JOIN municipality ON municipality.id = concession.municipality_id
WHERE dated.valid_to IS NULL OR dated.valid_to > %(since)s
ORDER BY concession.public_code, dated.valid_from
"""
_AMNESTIES: LiteralString = """
SELECT municipality.code, amnesty.from_day, amnesty.until_day
FROM amnesty JOIN municipality ON municipality.id = amnesty.municipality_id
WHERE amnesty.from_day < amnesty.until_day AND amnesty.until_day > %(since)s
"""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ProviderPolicy:
    """A provider with its policy; the policy's `seq` is 0 until it is published."""

    provider_id: UUID
    policy: Policy


async def policies(connection: AsyncConnection, day: date) -> list[ProviderPolicy]:
    """The policies as they have to be on `day`, of every provider that has a terminal."""
    places, terminals, revisions = defaultdict(dict), defaultdict(dict), defaultdict(lambda: defaultdict(list))  # type: ignore[var-annotated]
    providers = await _rows(connection, _PROVIDERS)
    codes = {row.id: row.code for row in providers}
    for row in await _rows(connection, _PLACES):
        if row.provider_id in codes:
            places[row.provider_id][row.code] = _place(row, codes[row.provider_id])
    for row in await _rows(connection, _TERMINALS):
        terminals[row.provider_id][str(row.machine_id)] = row.place
    for row, revision in _readable(await _rows(connection, _REVISIONS, {"since": day - STILL_TOLD})):
        revisions[row.provider_id][row.public_code].append(revision)
    amnesty = await _amnesties(connection, day - STILL_TOLD)
    return [
        ProviderPolicy(
            row.id,
            Policy(
                0,
                row.code,
                row.kind,
                terminals[row.id],
                places[row.id],
                {code: tuple(dated) for code, dated in revisions[row.id].items()},
                amnesty,
            ),
        )
        for row in providers
    ]


def _place(row: Any, provider: str) -> Place:
    return Place(row.code, provider, row.mode, row.zone, lat=row.lat, lon=row.lon)


def _readable(rows: Iterable[Any]) -> Iterable[tuple[Any, Revision]]:
    """Each revision read once, whoever takes it; what cannot be read is left out, so that terminals ask online."""
    known: dict[tuple[UUID, int], Revision | None] = {}
    for row in rows:
        key = row.concession_id, row.revision
        if key not in known:
            known[key] = _revision(row)
        if (revision := known[key]) is not None:
            yield row, revision


def _revision(row: Any) -> Revision | None:
    try:
        return Revision(
            row.concession_id.hex,
            row.revision,
            row.grantor,
            row.valid_from,
            row.valid_to,
            Discount.from_json(row.discount),
            None if row.quota is None else Quota.from_json(row.quota),
            Terms.from_json(row.terms),
            row.since or date.min,
        )
    except RulesError as error:
        _log.error("terms cannot be read", concession=str(row.concession_id), revision=row.revision, reason=str(error))
        return None


async def _amnesties(connection: AsyncConnection, since: date) -> Mapping[str, Days]:
    found: dict[str, Days] = {}
    for row in await _rows(connection, _AMNESTIES, {"since": since}):
        found[row.code] = found.get(row.code, EMPTY) | Days.of(Period(row.from_day, row.until_day))
    return found


async def _rows(
    connection: AsyncConnection, statement: LiteralString, asked: dict[str, Any] | None = None
) -> list[Any]:
    async with connection.cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(statement, asked)
        return list(await cursor.fetchall())
