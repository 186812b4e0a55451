"""One round of the publisher: all that waits, read in one snapshot of the database and written in one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from amis.kernel.keys import SNAPSHOT
from amis.validating import bundle_cards, bundle_notes
from amis.validating.bundle_cards import Basis, CardNow, Homes
from amis.validating.bundle_held import Held, Lists, numbers_of
from amis.validating.bundle_notes import Changes, Notes
from amis.validating.bundle_policy import policies
from amis.validating.bundle_trust import Signers
from amis.validating.bundle_version import Press, Version, moved
from cards.statuslist import StatusList
from terminals.bundle.policy import Policy
from terminals.bundle.snapshot import ASK_ONLINE, DEAD, KEY_SIZE, Snapshot

CHANNEL = "amis_bundle"
"""Where a listener hears that something was published."""
SMALL = 6_500
"""A snapshot of at most so many cards is sent whole as soon as a card has a profile that it lacks; others by night."""

_VERSION: LiteralString = """
INSERT INTO bundle_version (provider_id, seq, from_seq, delta, manifest, hash, basis, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_PART: LiteralString = """
INSERT INTO bundle_part (provider_id, sha256, kind, name, signed, at) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (provider_id, sha256, kind, name) DO UPDATE SET signed = excluded.signed, at = excluded.at
"""
_KEPT: LiteralString = "UPDATE bundle_part SET at = %s WHERE provider_id = %s AND sha256 = ANY (%s)"


@dataclass(frozen=True, slots=True)
class Published:
    """All that is published: the last number, the status lists, and the state of each provider."""

    seq: int
    lists: Lists
    held: Mapping[UUID, Held]


@dataclass(slots=True)
class Round:
    """What a round knows. `fresh`: another day or other keys, so everything is looked at; `policies`: those too."""

    connection: AsyncConnection
    press: Press
    signers: Signers
    day: date
    before: Published
    fresh: bool
    policies: bool
    lists: dict[int, StatusList] = field(init=False, default_factory=dict)
    status: Changes = field(init=False, default_factory=dict)
    homes: Homes = field(init=False, default_factory=dict)
    grown: bool = field(init=False, default=False)

    async def publish(self) -> Published | None:
        """Writes what has changed; what is published then, None where there was nothing."""
        if self.fresh:
            await bundle_notes.note_expired(self.connection, self.day)
        notes = await bundle_notes.read(self.connection)
        self.homes = await bundle_notes.homes(self.connection)
        await self._follow_lists(notes)
        held = dict(self.before.held)
        for provider_id, policy in (await self._policies()).items():
            version = await self._version(held.get(provider_id), provider_id, policy, notes)
            if version is not None:
                await self._write(held.get(provider_id), version)
                held[provider_id] = version.held
        await bundle_notes.settle(self.connection, notes, self.press.seq, policies=self.policies)
        if held == self.before.held and not notes.changes:
            return None
        await self.connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(self.press.seq)))
        return Published(self.press.seq, self.lists, held)

    async def _policies(self) -> Mapping[UUID, Policy]:
        if not self.policies:
            return {provider_id: held.policy for provider_id, held in self.before.held.items()}
        return {one.provider_id: one.policy for one in await policies(self.connection, self.day)}

    async def _follow_lists(self, notes: Notes) -> None:
        """The lists as they stand, and which entries of those that were published stand otherwise."""
        stands = await bundle_notes.statuses_of(self.connection, notes.tokens)
        numbers = set(stands) | set(await bundle_notes.list_numbers(self.connection) if self.fresh else ())
        new = sorted(numbers - set(self.before.lists))
        self.lists = {**self.before.lists, **(await bundle_notes.whole_lists(self.connection, new) if new else {})}
        self.grown = bool(new)
        for number in stands.keys() - set(new):
            listed = self.lists[number]
            others = {index: status for index, status in stands[number].items() if listed.get(index) != status}
            if others:
                self.status[number] = others
                self.lists[number] = _with(listed, others)

    async def _version(self, held: Held | None, provider_id: UUID, policy: Policy, notes: Notes) -> Version | None:
        """What is to be published for a provider; None where nothing of its bundle has changed."""
        press, basis = self.press, Basis.of(policy, self.day)
        trust = self.signers.listed(held.trust if held else None, press.address, press.seq, press.at)
        told = _numbered(policy, held, press.seq)
        cards = None if held is None else await self._cards(held, basis, notes)
        if held is None or cards is None:
            snapshot = await self._snapshot(policy, basis)
            numbers = numbers_of(snapshot)
        else:
            snapshot, numbers = held.snapshot.changed(cards.items()) if cards else held.snapshot, held.numbers
            if told is held.policy and trust is held.trust and not self.grown:
                silent = not (cards or self.status or press.due(held))
                return None if silent else press.changed(held, self.lists, self.status, cards, snapshot)
        parts, stored = (held.parts, held.stored) if held else ({}, {})
        after = Held(provider_id, press.seq, told, trust, snapshot, numbers, basis.digest, parts, stored, press.iat)
        return press.whole(after, self.lists)

    async def _cards(self, held: Held, basis: Basis, notes: Notes) -> dict[bytes, int] | None:
        """The cards that stand otherwise than in the snapshot; None where it has to be built anew."""
        if held.basis != basis.digest:
            return None
        if self.fresh and held.snapshot.count > SMALL and held.snapshot.unknown:
            # by night, what was asked about by day for want of a profile
            return None
        found = await self._look_at(basis, notes)
        lacks = any(card.profile and card.profile.rights and card.profile not in held.numbers for card in found)
        if lacks and held.snapshot.count <= SMALL:
            return None
        return moved(held.snapshot, _entries(held, found))

    async def _look_at(self, basis: Basis, notes: Notes) -> list[CardNow]:
        if not notes.tokens:
            return []
        return await bundle_cards.look_at(self.connection, basis, notes.tokens, self.day, self.homes)

    async def _snapshot(self, policy: Policy, basis: Basis) -> Snapshot:
        said = f"{policy.provider}|{basis.first.isoformat()}"
        key = self.press.keys.mac(SNAPSHOT, said.encode())[:KEY_SIZE]
        return await bundle_cards.build(self.connection, basis, key, self.day, self.homes)

    async def _write(self, before: Held | None, version: Version) -> None:
        held, at = version.held, self.press.at
        since = before.seq if before and version.delta else None
        values = held.provider_id, held.seq, since, version.delta, version.manifest, held.hash, held.basis, at
        await self.connection.execute(_VERSION, values)
        for (kind, name), signed in version.parts.items():
            digest = held.parts[kind, name].sha256
            await self.connection.execute(_PART, (held.provider_id, digest, kind, name, signed, at))
        if version.manifest:
            digests = [part.sha256 for part in held.parts.values()]
            await self.connection.execute(_KEPT, (at, held.provider_id, digests))


def _numbered(policy: Policy, held: Held | None, seq: int) -> Policy:
    """The policy as published before if it says the same, else under the new number."""
    if held is not None and (policy is held.policy or replace(policy, seq=held.policy.seq) == held.policy):
        return held.policy
    return replace(policy, seq=seq)


def _entries(held: Held, cards: Iterable[CardNow]) -> Iterator[tuple[bytes, int]]:
    for card in cards:
        if card.dead:
            yield card.uid, DEAD
        elif card.profile is not None and card.profile.rights:
            yield card.uid, held.numbers.get(card.profile, ASK_ONLINE)
        elif held.snapshot.profile(card.uid) is not None:
            # a card that is not in use yet, or whose holder has nothing left here
            yield card.uid, DEAD if card.profile is None else held.numbers.get(card.profile, ASK_ONLINE)


def _with(listed: StatusList, entries: Mapping[int, int]) -> StatusList:
    changed = StatusList(packed=listed.packed())
    for index, status in entries.items():
        changed.set(index, status)
    return changed
