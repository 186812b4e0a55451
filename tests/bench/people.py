"""Holders and terminals in bulk, written set-based past the rooms: only their number matters here."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from amis.concessions.drafts import ConcessionDraft, Description, TermsDraft
from amis.concessions.seed_lv import JELGAVA
from amis.concessions.service import define_concession
from amis.concessions.store import list_concessions
from amis.granting.service import RuleDraft, publish_rule
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import keystore
from amis.kernel.postgres import SUPERUSER
from cards.credential import mint_static, new_cti, status_number
from cards.keys import KeySigner
from cards.number import new_number, number_text
from rules.tariff import Discount, DiscountKind, Per, Quota
from tests.bench.stage import Stage

ISSUER = "issuer/JLG"
CODE = "BENCH-RIDE"
LIMIT = 100_000
"""Rides a day: every tap takes one unit of a quota, and none is ever refused for it."""
PLAIN = "BENCH"
"""How the numbers of holders begin that only SQL taps: computable instead of checkable."""
FIRST_LIST = 30_000
_LIST = 1 << 17
_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
_COLUMNS = "number text, status_list integer, status_index integer, cti bytea, person uuid, token uuid, credential uuid"


@dataclass(frozen=True, slots=True)
class Ride:
    """The concession that all holders of the bench have, as its first revision."""

    concession_id: UUID
    rule_id: UUID


@dataclass(frozen=True, slots=True)
class Terminal:
    """A paired terminal with its bearer token."""

    id: UUID
    bearer: str

    @property
    def bearer_sha(self) -> str:
        """As the lane looks it up."""
        return sha256(self.bearer.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Holder:
    """One person's token."""

    number: str
    status_list: int
    status_index: int
    cti: bytes

    @property
    def text(self) -> str:
        """The reference that a terminal sends."""
        return number_text(self.number)


async def open_ride() -> Ride:
    """Defines the free ride with a daily quota, and its rule."""
    async with transaction(system("bench", JELGAVA)) as tx:
        group = (await list_concessions(tx))[0].group.code
        terms = TermsDraft(_SINCE.date(), None, Discount(DiscountKind.FREE), Quota(LIMIT, Per.DAY))
        said = Description("Izmēģinājuma brauciens", "Trial ride", group, "-", "JLG")
        concession = await define_concession(tx, ConcessionDraft(CODE, said, terms))
        condition = {"has": {"fact": "large_family"}}
        published = await publish_rule(tx, RuleDraft(CODE, CODE, condition, "-", _SINCE.date()))
    return Ride(concession.id, published.rule_id)


def settle(on: Stage, ride: Ride, count: int, *, computable: bool = False) -> list[Holder]:
    """`count` persons, each with the ride and an active QR token; `computable` numbers are PLAIN and their place."""
    first = FIRST_LIST if computable else FIRST_LIST + 1000
    holders = [
        Holder(f"{PLAIN}{i + 1:011}" if computable else new_number(), first + i // _LIST, i % _LIST, new_cti())
        for i in range(count)
    ]
    with psycopg.connect(on.url(SUPERUSER), autocommit=True) as db:
        db.execute(f"CREATE TEMPORARY TABLE newcomer ({_COLUMNS})")
        with db.cursor().copy("COPY newcomer FROM STDIN") as copy:
            for row in holders:
                ids = (str(new_id()) for _ in range(3))
                copy.write_row((row.number, row.status_list, row.status_index, row.cti, *ids))
        for statement in _SETTLE:
            db.execute(statement, {"ride": ride.concession_id, "rule": ride.rule_id, "home": JELGAVA})
        db.execute("DROP TABLE newcomer")
        db.execute("VACUUM ANALYZE")
    return holders


_SETTLE: Sequence[LiteralString] = (
    "INSERT INTO status_list (id, cohort) SELECT DISTINCT status_list, '2099H2' FROM newcomer ON CONFLICT DO NOTHING",
    """INSERT INTO person (id, municipality_id, subject_key) SELECT person, %(home)s, '\\x00' FROM newcomer""",
    """INSERT INTO token (id, municipality_id, person_id, kind, state, number, status_list, status_index, status,
            valid_from, valid_to, requested_at)
        SELECT token, %(home)s, person, 'qr', 'active', number, status_list, status_index, 0,
            '2020-01-01', '2100-01-01', '2020-01-01' FROM newcomer""",
    """INSERT INTO credential (id, municipality_id, token_id, generation, profile, kid, cti, issued_at, expires_at,
            rights, sealed)
        SELECT credential, %(home)s, token, 1, 'S', '\\x00000000', cti, '2020-01-01', '2100-01-01', '[]', ''
        FROM newcomer""",
    """INSERT INTO entitlement (id, municipality_id, person_id, rule_id, concession_id, grantor_id, rule_version,
            rule_sha256, periods, changed_at)
        SELECT gen_random_uuid(), %(home)s, person, %(rule)s, %(ride)s, %(home)s, 1, repeat('0', 64),
            '{[2020-01-01,)}', '2020-01-01' FROM newcomer""",
)


def install(on: Stage, count: int) -> list[Terminal]:
    """`count` terminals of the town's bus company, paired and approved, with tokens that outlive the bench."""
    terminals = [Terminal(new_id(), secrets.token_urlsafe(32)) for _ in range(count)]
    with psycopg.connect(on.url(SUPERUSER), autocommit=True) as db:
        for table, rows in _installed(on, terminals).items():
            for row in rows:
                _insert(db, table, row)
    return terminals


def _installed(on: Stage, terminals: Sequence[Terminal]) -> dict[str, Iterable[dict[str, Any]]]:
    kept = {"pairing": 1, "created_at": _SINCE}
    return {
        "machine": [
            {"id": one.id, "kind": "terminal", "label": "Bench", "state": "active", **kept} for one in terminals
        ],
        "machine_pairing": [
            {"machine_id": one.id, "code_hash": secrets.token_bytes(32), "expires_at": _UNTIL, **kept}
            for one in terminals
        ],
        "machine_token": [
            {"hash": bytes.fromhex(one.bearer_sha), "machine_id": one.id, "expires_at": _UNTIL, **kept}
            for one in terminals
        ],
        "terminal": [
            {"machine_id": one.id, "provider_id": on.town.provider_id, "place_id": on.town.stop_id} for one in terminals
        ],
    }


def _insert(db: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    columns, marks = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)  # noqa: S608


def signer() -> KeySigner:
    """The key that Jelgava signs credentials with, made where it is missing."""
    if ISSUER not in keystore().names():
        keystore().add(ISSUER)
    return KeySigner.of(keystore(), ISSUER)


def texts(holders: Iterable[Holder]) -> list[str]:
    """The QR texts of holders: AM1, profile S, three rights."""
    by, now, last = signer(), clock.now() - timedelta(minutes=5), date(2099, 12, 31)
    rights = [(code, last) for code in (101, 102, 103)]
    return [
        mint_static(
            by,
            status=status_number(one.status_list, one.status_index),
            rights=rights,
            cti=one.cti,
            issued=now,
            expires=now + timedelta(days=300),
        )
        for one in holders
    ]
