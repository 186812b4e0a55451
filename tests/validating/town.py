"""A small town in the database: concessions, one provider with terminals, and holders with tokens made on demand."""

import json
import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from amis.kernel.ids import new_id
from amis.kernel.keys import keystore
from cards.claims import Claims, Right
from cards.credential import mint, mint_static, new_cti, status_number
from cards.keys import KeySigner
from cards.number import new_number

JELGAVA, STATE = 2, 1
ALWAYS = "{[2020-01-01,)}"
_PAST, _EXPIRY = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass
class Terminal:
    """A paired terminal, its token and its running sequence number."""

    id: UUID
    bearer: str
    seq: int = 0

    def next(self) -> int:
        self.seq += 1
        return self.seq


@dataclass
class Holder:
    """A person with one token."""

    person: UUID
    token: UUID
    number: str
    index: int
    cti: bytes


@dataclass
class Card:
    """A card: its token and its chip."""

    token: UUID
    number: str
    index: int
    uid: bytes
    cti: bytes

    def shown(self, credential: bytes | None, tier: int = 0, uid: bytes | None = None) -> dict[str, Any]:
        """What a terminal sends that read this chip, or one with another UID."""
        read = {"uid": (uid or self.uid).hex(), "tier": tier}
        return {"card": read if credential is None else read | {"credential": b64encode(credential).decode()}}


@dataclass
class Town:
    """Writes as the owner of the database, past row-level security, what other rooms would have written."""

    db: AsyncConnection
    provider: UUID = field(default_factory=new_id)
    place: UUID = field(default_factory=new_id)
    group: UUID = field(default_factory=new_id)
    rules: dict[UUID, UUID] = field(default_factory=dict)
    indices: int = 0

    async def build(self) -> "Town":
        for number, code, name in ((STATE, "LV", "Latvija"), (JELGAVA, "JLG", "Jelgava"), (3, "RIX", "Rīga")):
            await self.db.execute("INSERT INTO municipality VALUES (%s, %s, %s, %s)", (number, code, name, name))
        await self.insert(
            "concession_group", id=self.group, municipality_id=JELGAVA, code="CITY", name_lv="A", name_en="A"
        )
        await self.insert("provider", id=self.provider, code="JAP", name="Jelgavas autobusu parks", kind="carrier")
        await self.insert("status_list", id=1, cohort="2100H1")
        await self.add_place("BUS-1", self.place)
        await self.insert("acceptance", id=new_id(), provider_id=self.provider, grantor_id=JELGAVA, concession_id=None)
        return self

    async def insert(self, table: str, **values: Any) -> None:
        plain = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in values.items()}
        columns, marks = ", ".join(plain), ", ".join(["%s"] * len(plain))
        await self.db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(plain.values()))  # noqa: S608

    async def add_place(self, code: str, place: UUID | None = None, at: tuple[float, float] | None = None) -> UUID:
        place = place or new_id()
        lat, lon = at or (None, None)
        await self.insert(
            "place", id=place, provider_id=self.provider, code=code, name=code, mode="bus", zone="1", lat=lat, lon=lon
        )
        return place

    async def add_terminal(self, place: UUID | None = None, provider: UUID | None = None) -> Terminal:
        machine, bearer = new_id(), secrets.token_urlsafe(24)
        now, later = _PAST, _EXPIRY
        await self.insert(
            "machine", id=machine, kind="terminal", label="Bus", state="active", pairing=1, created_at=now
        )
        await self.insert(
            "machine_pairing",
            machine_id=machine,
            pairing=1,
            code_hash=secrets.token_bytes(32),
            created_at=now,
            expires_at=later,
        )
        await self.insert(
            "machine_token",
            hash=sha256(bearer.encode()).digest(),
            machine_id=machine,
            pairing=1,
            created_at=now,
            expires_at=later,
        )
        await self.insert(
            "terminal", machine_id=machine, provider_id=provider or self.provider, place_id=place or self.place
        )
        return Terminal(machine, bearer)

    async def add_concession(
        self,
        code: str,
        discount: dict[str, Any],
        quota: dict[str, Any] | None = None,
        terms: dict[str, Any] | None = None,
        funding: list[dict[str, str]] | None = None,
    ) -> UUID:
        concession, rule = new_id(), new_id()
        await self.insert(
            "concession",
            id=concession,
            municipality_id=JELGAVA,
            code=code,
            group_id=self.group,
            name_lv=code,
            name_en=code,
            legal_basis="§",
            goal="",
            indicator="",
            budget_line="",
            funder="JLG",
            state="active",
        )
        await self.add_revision(concession, date(2020, 1, 1), discount, quota, terms, funding)
        await self.insert(
            "grant_rule", id=rule, municipality_id=JELGAVA, code=code, concession_id=concession, state="active"
        )
        await self.insert(
            "rule_version",
            rule_id=rule,
            version=1,
            municipality_id=JELGAVA,
            valid_from=date(2020, 1, 1),
            condition={},
            sha256="0" * 64,
            legal_clause="§",
            state="active",
            author="a",
            approver="b",
            published_at=_PAST,
            created_at=_PAST,
            changed_at=_PAST,
        )
        self.rules[concession] = rule
        return concession

    async def add_revision(
        self,
        concession: UUID,
        since: date,
        discount: dict[str, Any],
        quota: dict[str, Any] | None = None,
        terms: dict[str, Any] | None = None,
        funding: list[dict[str, str]] | None = None,
    ) -> None:
        """A revision of the terms from `since` on, closing the one before."""
        closing = "UPDATE concession_terms SET valid_to = %s WHERE concession_id = %s AND valid_to IS NULL"
        await self.db.execute(closing, (since, concession))
        found = await self.db.execute("SELECT count(*) FROM concession_terms WHERE concession_id = %s", (concession,))
        (before,) = await found.fetchone() or (0,)
        await self.insert(
            "concession_terms",
            concession_id=concession,
            revision=before + 1,
            municipality_id=JELGAVA,
            valid_from=since,
            discount=discount,
            quota=quota,
            terms=terms or {},
            funding=json.dumps(funding or []),
        )

    async def add_holder(self, *concessions: UUID, periods: str = ALWAYS, state: str = "active") -> Holder:
        self.indices += 1
        holder = Holder(new_id(), new_id(), new_number(), self.indices, new_cti())
        await self.insert(
            "person",
            id=holder.person,
            municipality_id=JELGAVA,
            subject_key=b"k",
        )
        for concession in concessions:
            await self.add_entitlement(holder.person, concession, periods)
        await self.insert(
            "token",
            id=holder.token,
            municipality_id=JELGAVA,
            person_id=holder.person,
            kind="qr",
            state=state,
            number=holder.number,
            status_list=1,
            status_index=holder.index,
            status=0,
            generation=1,
            valid_from=date(2020, 1, 1),
            valid_to=date(2100, 1, 1),
            requested_at=_PAST,
        )
        await self._add_credential(holder.token, holder.cti)
        return holder

    async def _add_credential(self, token: UUID, cti: bytes) -> None:
        await self.insert(
            "credential",
            id=new_id(),
            municipality_id=JELGAVA,
            token_id=token,
            generation=1,
            profile="S",
            kid=b"kid0",
            cti=cti,
            issued_at=_PAST,
            expires_at=_EXPIRY,
            rights={},
            sealed=b"",
        )

    async def add_card(self, *concessions: UUID, state: str = "active", reason: str = "") -> "Card":
        """A person with a card that was made at a desk."""
        holder, application, uid = await self.add_holder(*concessions), new_id(), b"\x04" + secrets.token_bytes(6)
        await self.insert(
            "token_application",
            id=application,
            municipality_id=JELGAVA,
            person_id=holder.person,
            product="card",
            reason="first",
            channel="desk",
            delivery="desk",
            fee=0,
            state="approved",
            submitted_at=_PAST,
            submitted_by="clerk",
            decided_at=_PAST,
            decided_by="clerk",
        )
        await self.insert(
            "token",
            id=(token := new_id()),
            municipality_id=JELGAVA,
            person_id=holder.person,
            kind="card",
            state=state,
            reason=reason,
            number=(number := new_number()),
            status_list=1,
            status_index=holder.index + 10_000,
            status=0 if state == "active" else 2 if state == "blocked" else 1,
            generation=1,
            valid_from=date(2020, 1, 1),
            valid_to=date(2100, 1, 1),
            requested_at=_PAST,
            application_id=application,
            card_uid=uid,
            keyset=1,
        )
        card = Card(token, number, holder.index + 10_000, uid, new_cti())
        await self._add_credential(token, card.cti)
        return card

    async def add_entitlement(self, person: UUID, concession: UUID, periods: str = ALWAYS, **more: Any) -> None:
        await self.insert(
            "entitlement",
            id=new_id(),
            municipality_id=JELGAVA,
            person_id=person,
            rule_id=self.rules[concession],
            concession_id=concession,
            grantor_id=JELGAVA,
            rule_version=1,
            rule_sha256="0" * 64,
            periods=periods,
            changed_at=_PAST,
            **more,
        )


def credential_of(holder: Holder, at: datetime, issuer: str = "JLG") -> str:
    """The static QR text of a holder, signed by the municipality `issuer`."""
    return mint_static(
        _signer(issuer),
        status=status_number(1, holder.index),
        rights=[(1, date(2030, 1, 1))],
        cti=holder.cti,
        issued=at,
        expires=at + timedelta(days=300),
    )


def card_credential_of(card: Card, at: datetime, uid: bytes | None = None, issuer: str = "JLG") -> bytes:
    """What file 02 of a card holds, signed for its chip or for another `uid`."""
    claims = Claims(
        iat=int(at.timestamp()),
        exp=int((at + timedelta(days=300)).timestamp()),
        status=status_number(1, card.index),
        rights=(Right(1, date(2030, 1, 1)),),
        photo_id=True,
        cti=card.cti,
        uid=uid or card.uid,
        generation=1,
    )
    return mint(_signer(issuer), claims)


def _signer(issuer: str) -> KeySigner:
    key = f"issuer/{issuer}"
    if key not in keystore().names():
        keystore().add(key)
    return KeySigner.of(keystore(), key)
