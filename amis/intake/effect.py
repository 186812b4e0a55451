"""What one notice does to the register and to rights; each kind of notice has one function."""

from dataclasses import dataclass
from uuid import UUID

from amis.granting.kinship import settle_homes_and_regrant
from amis.granting.service import Cause, record_and_regrant, regrant
from amis.intake.identity import settle_pairs
from amis.intake.moving import full_name, of_residence
from amis.intake.said import take
from amis.issuing.service import close_all
from amis.kernel.db import Transaction
from amis.register import service as register
from amis.register import store as people
from amis.register.errors import FactOfAnother, PersonUnknown
from amis.register.service import Enrolled, FactChange, Pair, PersonDraft, Said
from sync.mapping import StatedFact
from sync.notice import (
    HouseholdChanged,
    Op,
    PersonCodeChanged,
    PersonDied,
    PersonMerged,
    PersonRef,
    PersonUnmerged,
    ResidenceChanged,
    StatusFact,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a notice came from, as the explanation of a right will name it."""

    source: str
    event_id: str
    type: str
    key_id: UUID | None
    arrival_id: UUID

    @property
    def cause(self) -> Cause:
        """The cause of whatever changes."""
        return Cause("notice", f"{self.source} {self.event_id}")

    @property
    def provenance(self) -> dict[str, str]:
        """How a fact that follows from it came here."""
        signed = {"key": str(self.key_id)} if self.key_id else {}
        return {"event": self.event_id, "type": self.type} | signed | {"arrival": str(self.arrival_id)}


async def of_status(tx: Transaction, stated: StatedFact, origin: Origin) -> UUID | None:
    """A status becomes a fact and its rights follow; returns the person, None for a withdrawal of somebody unknown.

    Raises:
        FactOfAnother: the record has been of somebody else.
    """
    who = await _person(tx, stated.stated)
    if who is None:
        if await people.holder_of_record(tx, origin.source, stated.stated.record_id) is not None:
            raise FactOfAnother
        return None
    await record_and_regrant(tx, who.id, [_change(stated, origin)], origin.cause, anew=who.news)
    return who.id


async def of_death(tx: Transaction, data: PersonDied, origin: Origin) -> UUID:
    """Rights end from the day of death and every token is closed at once.

    A death that is taken back, or moved to another day, gives the rights back and no token.

    Raises:
        PersonUnknown, DeathDateInvalid, FactOfAnother
    """
    person_id = await _known(tx, data.person)
    said = Said(origin.source, data.record_id, "death", data.person.code, data.died_on)
    await take(tx, person_id, said, stands=data.op is Op.UPSERT)
    await register.settle_death(tx, person_id)
    await regrant(tx, person_id, origin.cause)
    if (await people.get_person(tx, person_id)).died is not None:
        await close_all(tx, person_id, "deceased")
    return person_id


async def of_code_change(tx: Transaction, data: PersonCodeChanged, origin: Origin) -> UUID:
    """The person gets another code; the one before goes on finding them, as does one that is taken back.

    Raises:
        PersonUnknown, CodeTaken, FactOfAnother
    """
    person_id = await _known(tx, data.person)
    said = Said(origin.source, data.record_id, "code", data.person.code, data.changed_on, other=data.new_code)
    # known for ever, also where the change is heard of only as it is taken back
    if data.op is Op.UPSERT or await people.find_by_code(tx, data.new_code) is None:
        await register.add_code(tx, await people.lock_person(tx, person_id), data.new_code, data.person.code)
    await take(tx, person_id, said, stands=data.op is Op.UPSERT)
    for one in await people.also_known_as(tx, person_id):
        await register.settle_code(tx, one)
    return person_id


async def of_move(tx: Transaction, data: ResidenceChanged, origin: Origin) -> UUID | None:
    """Somebody is declared in another municipality, or in this one; None for a stranger who lives elsewhere."""
    return await of_residence(tx, data, origin.source, origin.cause, origin.provenance)


async def of_household(tx: Transaction, data: HouseholdChanged, origin: Origin) -> UUID:
    """Somebody lives with others from a day on, or no longer; rights of all whom it concerns follow.

    Raises:
        PersonUnknown, FactOfAnother
    """
    person_id = await _known(tx, data.person)
    said = Said(origin.source, data.record_id, "household", data.person.code, data.since, data.household)
    await take(tx, person_id, said, stands=data.op is Op.UPSERT)
    await settle_homes_and_regrant(tx, person_id, origin.cause)
    return person_id


async def of_identity(tx: Transaction, data: PersonMerged | PersonUnmerged, origin: Origin) -> UUID:
    """Two codes are one person's, or not; what the record said before of other codes is taken back.

    Raises:
        PersonUnknown, PersonErased, FactOfAnother
    """
    person_id = await _known(tx, data.person)
    if isinstance(data, PersonMerged) and data.op is Op.UPSERT:
        await register.enrol(tx, PersonDraft(data.merged.code))
    pairs = [await _pair(tx, data.person.code, data.merged.code)]
    kind = "merge" if isinstance(data, PersonMerged) else "unmerge"
    said = Said(origin.source, data.record_id, kind, data.person.code, other=data.merged.code)
    pairs += await register.pairs_said(tx, origin.source, data.record_id)
    await take(tx, pairs[0].kept, said, stands=data.op is Op.UPSERT)
    await settle_pairs(tx, list(dict.fromkeys(pairs)), (origin.source, data.record_id), origin.cause)
    return await people.standing_for(tx, person_id)


async def _pair(tx: Transaction, code: str, other: str) -> Pair:
    kept, merged = await register.home_of(tx, code), await register.home_of(tx, other)
    if kept is None or merged is None:
        raise PersonUnknown
    return Pair(kept, merged)


async def _person(tx: Transaction, data: StatusFact) -> Enrolled | None:
    ref = data.person
    if data.op is Op.WITHDRAW:
        found = await people.find_by_code(tx, ref.code)
        return None if found is None else Enrolled(found, news=False)
    return await register.find_or_enrol(tx, PersonDraft(ref.code, full_name(ref), ref.birth_date))


async def _known(tx: Transaction, ref: PersonRef) -> UUID:
    found = await people.find_by_code(tx, ref.code)
    if found is None:
        raise PersonUnknown
    return found


def _change(stated: StatedFact, origin: Origin) -> FactChange:
    data = stated.stated
    decision = data.decision
    return FactChange(
        kind=stated.fact,
        value=stated.value,
        valid_from=data.valid_from,
        valid_to=data.valid_until,
        source=origin.source,
        record_id=data.record_id,
        version=data.version,
        op=data.op.value,
        decision=None
        if decision is None
        else {"number": decision.number, "date": decision.date.isoformat(), "authority": decision.authority},
        provenance=dict(origin.provenance),
    )
