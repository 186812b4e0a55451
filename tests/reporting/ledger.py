"""A ledger of uses, written as the owner of the database would see it written."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from psycopg import AsyncConnection

from amis.kernel.actor import Actor
from amis.kernel.ids import new_id

STATE, JELGAVA, RIGA = 1, 2, 3
READER = Actor("staff", "reader-1", "Reader", JELGAVA, "Jelgava", frozenset({"report.read"}))
OF_STATE = Actor("staff", "reader-2", "Reader", STATE, "Latvija", frozenset({"report.read"}))
OF_RIGA = Actor("staff", "reader-3", "Reader", RIGA, "Rīga", frozenset({"report.read"}))

_MUNICIPALITIES = ((STATE, "LV", "Valsts"), (JELGAVA, "JLG", "Jelgava"), (RIGA, "RIX", "Rīga"))
_GROUP = "INSERT INTO concession_group (id, municipality_id, code, name_lv, name_en) VALUES (%s, %s, 'ALL', 'A', 'A')"
_CONCESSION = """
INSERT INTO concession (id, municipality_id, code, group_id, name_lv, name_en, legal_basis, goal, indicator,
    budget_line, funder, state)
VALUES (%s, %s, %s, %s, %s, %s, '§', '', '', '', %s, 'active')
"""
_USE = """
INSERT INTO use (id, at, recorded_at, day, municipality_id, person_id, token_id, concession_id, revision, grantor_id,
    funder, provider_id, place_id, terminal_id, pairing, seq, product, gross, payable, discount, companions, verdict,
    reason, reverses, shares)
VALUES (%(id)s, %(at)s, %(at)s, %(day)s, %(municipality)s, %(id)s, %(id)s, %(concession)s, 1, %(grantor)s,
    %(funder)s, %(provider)s, %(id)s, %(id)s, 1, 1, 'single', %(gross)s, %(payable)s,
    %(gross)s::numeric - %(payable)s::numeric, 0, %(verdict)s, 'OK', %(reverses)s, %(shares)s)
"""


@dataclass
class Ledger:
    """Two providers, a concession of Jelgava and one of the state; uses on demand."""

    db: AsyncConnection
    bus: UUID = field(default_factory=new_id)
    pool: UUID = field(default_factory=new_id)
    needy: UUID = field(default_factory=new_id)
    orphan: UUID = field(default_factory=new_id)

    async def build(self) -> "Ledger":
        for number, code, name in _MUNICIPALITIES:
            await self.db.execute("INSERT INTO municipality VALUES (%s, %s, %s, %s)", (number, code, name, name))
        for id, code, name in ((self.bus, "JLG-BUS", "Jelgavas autobuss"), (self.pool, "JLG-POOL", "Peldbaseins")):
            await self.db.execute("INSERT INTO provider VALUES (%s, %s, %s, 'carrier')", (id, code, name))
        await self._concession(self.needy, JELGAVA, "JLG-NEEDY20", "Trūcīgi", "Needy", "JLG")
        await self._concession(self.orphan, STATE, "LV-ORPHAN", "Bāreņi", "Orphans", "LV")
        return self

    async def _concession(self, id: UUID, grantor: int, code: str, lv: str, en: str, funder: str) -> None:
        group = new_id()
        await self.db.execute(_GROUP, (group, grantor))
        await self.db.execute(_CONCESSION, (id, grantor, code, group, lv, en, funder))

    async def use(self, day: date, gross: str = "0.85", payable: str = "0", **more: object) -> UUID:
        """One use on a local day: of the needy in the bus unless `concession`, `provider`, ... say otherwise."""
        given = {
            "id": new_id(),
            "at": datetime.combine(day, time(12), UTC),
            "day": day,
            "municipality": JELGAVA,
            "concession": self.needy,
            "grantor": JELGAVA,
            "funder": "JLG",
            "provider": self.bus,
            "gross": Decimal(gross),
            "payable": Decimal(payable),
            "verdict": "ACCEPT",
            "reverses": None,
            "shares": None,
        } | more
        await self.db.execute(_USE, given)
        id = given["id"]
        assert isinstance(id, UUID)
        return id

    async def take_back(self, use_id: UUID, day: date, gross: str = "0.85", payable: str = "0") -> None:
        """The opposite row."""
        await self.use(day, f"-{gross}", f"-{payable}", verdict="REVERSED", reverses=use_id)

    async def use_of_state(self, day: date, gross: str = "1.20", **more: object) -> UUID:
        """One use of the state's concession."""
        return await self.use(day, gross, concession=self.orphan, grantor=STATE, funder="LV", **more)
