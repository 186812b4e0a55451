"""The card snapshot of a provider, built by the database: what each card read by its UID alone may do.

Days are cut to the present month and the next, so that most cards share their profile and a snapshot lasts a month;
where a quota looks back, so do they. Suspended days are left out, the days on which a waiver lifts a limit stand apart.
A card that is blocked or has ended stays in, dead, until it would have expired.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from amis.validating.bundle_card_sql import ALL, SOME
from rules.period import Days
from rules.quota import Per
from terminals.bundle.canonical import canonical
from terminals.bundle.policy import Policy, Revision
from terminals.bundle.snapshot import Profile, ProfileRight, Snapshot

MOST_PROFILES = 65_000
"""Cards of rarer profiles are asked about online."""
_BLOCK = 64
_CYCLE = 13
"""Months in which a cycle of carried uses may have begun."""
_NO_FLAGS: frozenset[str] = frozenset()
_NEVER = "{}"
_FIELD, _RIGHT, _WORD = "\x1f", "\x1e", "\x1d"


class Accepted(NamedTuple):
    """A concession that the provider takes, as far as profiles of cards need it.

    `months`: so far back the days are told, None without limit; `waivers` lift its calendar; `choice`: holders choose
    modes.
    """

    concession: UUID
    code: int
    months: int | None
    waivers: frozenset[str]
    choice: bool


@dataclass(frozen=True, slots=True)
class Basis:
    """What a snapshot is built from besides the cards: the month, and the concessions that the provider takes."""

    first: date
    accepted: tuple[Accepted, ...]

    @classmethod
    def of(cls, policy: Policy, day: date) -> "Basis":
        """That of a policy in the month of `day`; what everybody may use is in nobody's profile."""
        revised = sorted(policy.concessions.items())
        own = ((code, [one for one in dated if not one.terms.universal]) for code, dated in revised)
        return cls(day.replace(day=1), tuple(_accepted(code, dated) for code, dated in own if dated))

    @property
    def last(self) -> date:
        """The first day that the snapshot says nothing of."""
        return _next_month(_next_month(self.first))

    @property
    def digest(self) -> bytes:
        """SHA-256 by which one sees that a snapshot has to be built anew."""
        rows = [[one.concession.hex, one.code, one.months, sorted(one.waivers), one.choice] for one in self.accepted]
        return sha256(canonical([self.first.isoformat(), rows])).digest()


@dataclass(frozen=True, slots=True)
class CardNow:
    """What one chip is worth: `dead`, or a profile; neither for a card that is not in use yet."""

    uid: bytes
    dead: bool
    profile: Profile | None


async def build(connection: AsyncConnection, basis: Basis, key: bytes, day: date, homes: "Homes") -> Snapshot:
    """The snapshot of every card, with a profile without rights for each municipality."""
    inner, outer = (bytes(byte ^ mask for byte in key.ljust(_BLOCK, b"\0")) for mask in (0x36, 0x5C))
    asked = _asked(basis, day) | {"inner": inner, "outer": outer, "most": MOST_PROFILES}
    cursor = await connection.execute(ALL, asked, binary=True)
    row = await cursor.fetchone()
    assert row is not None
    said, entries = row
    profiles = [*_merged(said, basis, homes), *(Profile(code, ()) for code in homes.values())]
    return Snapshot(key, bytes(entries), dict(enumerate(profiles, 1)))


async def look_at(
    connection: AsyncConnection, basis: Basis, tokens: Sequence[UUID], day: date, homes: "Homes"
) -> list[CardNow]:
    """What the chips of these tokens are worth now."""
    cursor = await connection.execute(SOME, _asked(basis, day) | {"tokens": list(tokens)})
    found = []
    for uid, state, holds, municipality, said in await cursor.fetchall():
        dead = state in ("blocked", "ended") or not holds
        profile = None if dead or state != "active" else _profile(said or str(municipality), basis, homes)
        found.append(CardNow(bytes(uid), dead, profile))
    return found


Homes = dict[int, str]
"""The codes of municipalities by their numbers."""


def _asked(basis: Basis, day: date) -> dict[str, Any]:
    rows = [
        {"concession": str(one.concession), "code": one.code, "since": _since(basis.first, one.months)}
        | {"waiver": bool(one.waivers), "choice": one.choice}
        for one in basis.accepted
    ]
    return {"accepted": Jsonb(rows), "last": basis.last, "day": day}


def _accepted(code: int, dated: Sequence[Revision]) -> Accepted:
    quotas = [one.quota for one in dated if one.quota is not None]
    # uses are carried over within a cycle of a year, so only what began within it makes a difference
    months = _CYCLE if any(quota.carry_until is not None for quota in quotas) else 0
    waivers = frozenset(one.terms.waiver for one in dated if one.terms.waiver is not None)
    told = None if any(quota.per is Per.PERIOD for quota in quotas) else months
    return Accepted(UUID(dated[0].code), code, told, waivers, any(one.terms.holder_mode for one in dated))


def _merged(said: Iterable[str], basis: Basis, homes: Homes) -> Iterable[Profile]:
    return (_profile(text, basis, homes) for text in said)


def _profile(said: str, basis: Basis, homes: Homes) -> Profile:
    """The rights that a text of `_HELD` says; of two rules that grant the same, the days of both."""
    waivers = {one.code: one.waivers for one in basis.accepted}
    home, *parts = said.split(_RIGHT)
    found: dict[tuple[int, frozenset[str]], ProfileRight] = {}
    for part in parts:
        number, plain, lifted, modes = part.split(_FIELD)
        chosen = frozenset(modes.split(_WORD)) - {""}
        for days, flags in ((plain, _NO_FLAGS), (lifted, waivers[int(number)])):
            right = ProfileRight(int(number), Days.parse(days or _NEVER), chosen, flags)
            key = right.code, flags
            found[key] = _together(found[key], right) if key in found else right
    return Profile(homes[int(home)], tuple(right for right in found.values() if right.periods.edges))


def _together(one: ProfileRight, other: ProfileRight) -> ProfileRight:
    return replace(one, periods=one.periods | other.periods, modes=one.modes | other.modes)


def _since(first: date, months: int | None) -> str | None:
    if months is None:
        return None
    year, month = divmod(first.year * 12 + first.month - 1 - months, 12)
    return date(year, month + 1, 1).isoformat()


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
