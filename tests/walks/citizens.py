"""People of any municipality with facts stated by a clerk and a QR token, and the places where they tap."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from uuid import UUID

from amis.concessions.scope import CITY, REGIONAL_INTERCITY
from amis.concessions.seed_lv import JELGAVA
from amis.granting.service import Cause, record_and_regrant
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.register.change import FactChange
from amis.register.people import PersonDraft, enrol
from amis.validating import service as validating
from tests.town import Site

TRAM, TRAIN, CANTEEN = "TRAM", "TRAIN", "CANTEEN"
PLACES: Mapping[str, tuple[str, str | None]] = {
    TRAM: ("tram", CITY),
    TRAIN: ("rail", REGIONAL_INTERCITY),
    CANTEEN: ("canteen", None),
}
"""Places beside the town's bus: the mode and the zone."""
ALWAYS = date(2015, 1, 1)
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody of a municipality, and the QR text that they show."""

    municipality: int
    id: UUID
    shown: str


def clerk(municipality: int) -> Actor:
    """Who acts for a municipality in these stories."""
    return system("test-clerk", municipality)


def fact(kind: str, value: str = "yes", first: date = ALWAYS, until: date | None = None) -> FactChange:
    """A fact on `[first, until)`, each a record of its own."""
    return FactChange(kind, value, first, until, "test", f"F{next(_numbers)}", 1)


async def somebody(municipality: int, born: str, *facts: FactChange) -> UUID:
    """A new person with these facts and what follows from them."""
    async with transaction(clerk(municipality)) as tx:
        draft = PersonDraft(f"34{next(_numbers):09}", "Anna Ozola", date.fromisoformat(born))
        person = await enrol(tx, draft)
        await record_and_regrant(tx, person, facts, Cause("clerk", "test"), anew=True)
    return person


async def citizen(municipality: int, born: str, *facts: FactChange) -> Citizen:
    """Such a person with a token."""
    person = await somebody(municipality, born, *facts)
    return Citizen(municipality, person, await token(municipality, person))


async def token(municipality: int, person: UUID) -> str:
    """A QR token of the person: the text it shows."""
    async with transaction(clerk(municipality)) as tx:
        made = await issuing.issue_qr(tx, person)
        return (await tokens.open_credential(tx, made, "test")).text


async def states(who: Citizen, *facts: FactChange) -> None:
    """More facts about somebody."""
    async with transaction(clerk(who.municipality)) as tx:
        await record_and_regrant(tx, who.id, facts, Cause("clerk", "test"))


async def open_places(site: Site, *grantors: int) -> None:
    """The provider gets the other places and takes the concessions of these grantors too."""
    async with transaction(clerk(JELGAVA)) as tx:
        for code, (mode, zone) in PLACES.items():
            await validating.register_place(tx, site.town.provider_id, code, code.title(), mode, zone=zone)
    for grantor in grantors:
        async with transaction(clerk(grantor)) as tx:
            await validating.accept(tx, site.town.provider_id)


def today() -> date:
    """The local day of the moved clock."""
    return clock.today()
