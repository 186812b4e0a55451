"""What one notice does to the register and to rights; each kind of notice has one function."""

from dataclasses import dataclass
from uuid import UUID

from amis.granting.service import Cause, record_and_regrant, regrant
from amis.intake.moving import full_name, of_residence
from amis.issuing.service import close_all
from amis.kernel.db import Transaction
from amis.register import service as register
from amis.register import store as people
from amis.register.errors import FactOfAnother, PersonUnknown
from amis.register.service import Enrolled, FactChange, PersonDraft
from sync.mapping import StatedFact
from sync.notice import Op, PersonCodeChanged, PersonDied, PersonRef, ResidenceChanged, StatusFact


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a notice came from, as the explanation of a right will name it."""

    source: str
    event_id: str
    type: str
    key_id: UUID
    arrival_id: UUID

    @property
    def cause(self) -> Cause:
        """The cause of whatever changes."""
        return Cause("notice", f"{self.source} {self.event_id}")

    @property
    def provenance(self) -> dict[str, str]:
        """How a fact that follows from it came here."""
        named = {"event": self.event_id, "type": self.type}
        return named | {"key": str(self.key_id), "arrival": str(self.arrival_id)}


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

    Raises:
        PersonUnknown
    """
    person_id = await _known(tx, data.person)
    await register.record_death(tx, person_id, data.died_on)
    await regrant(tx, person_id, origin.cause)
    await close_all(tx, person_id, "deceased")
    return person_id


async def of_code_change(tx: Transaction, data: PersonCodeChanged, _origin: Origin) -> UUID:
    """The person gets another code; the old one goes on finding them.

    Raises:
        PersonUnknown
    """
    person_id = await _known(tx, data.person)
    await register.change_code(tx, person_id, data.new_code)
    return person_id


async def of_move(tx: Transaction, data: ResidenceChanged, origin: Origin) -> UUID | None:
    """Somebody is declared in another municipality, or in this one; None for a stranger who lives elsewhere."""
    return await of_residence(tx, data, origin.source, origin.cause, origin.provenance)


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
