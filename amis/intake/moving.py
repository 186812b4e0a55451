"""What a change of residence does: the fact, the rights that ask for it, and the tokens of who moved away."""

from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from amis.granting.service import Cause, record_and_regrant
from amis.intake import residence
from amis.intake.said import take
from amis.issuing.service import close_all
from amis.kernel import outbox
from amis.kernel.clock import RIGA
from amis.kernel.db import Transaction
from amis.kernel.models import Municipality
from amis.register import service as register
from amis.register import store as people
from amis.register.service import Enrolled, PersonDraft, Said
from rules.vocabulary import FactKind
from sync.notice import Op, PersonRef, ResidenceChanged

MOVED = "person.moved"
"""The outbox topic of somebody who moves away on a later day; its key names the person and the day."""


async def of_residence(
    tx: Transaction, data: ResidenceChanged, source: str, cause: Cause, provenance: dict[str, str]
) -> UUID | None:
    """The person is declared there from that day, or not after all; None for somebody unknown who did not move here.

    Rights whose rules ask for the residence end or begin with it; those of the state stay. Whoever moved away has no
    token of this municipality any more, from the day on; tokens that ended do not come back.
    """
    here = (await tx.session.get_one(Municipality, tx.municipality_id)).code
    stays = data.op is Op.UPSERT
    who = await _person(tx, data.person, enrol=stays and data.municipality == here)
    if who is None:
        return None
    # locked first: two notices about one person would tell of the same history
    await people.lock_person(tx, who.id)
    said = Said(source, data.record_id, "residence", data.person.code, data.since, data.municipality)
    await take(tx, who.id, replace(said, provenance=provenance), stands=stays)
    await settle_residence(tx, who.id, cause, anew=who.news)
    if not stays or data.municipality != here:
        await _leave(tx, who.id, data.since)
    return who.id


async def settle_residence(tx: Transaction, person_id: UUID, cause: Cause, *, anew: bool = False) -> None:
    """Lets a locked person be declared where records now say, and rights follow; `anew` as for record_and_regrant."""
    known = (await people.vocabulary(tx)).facts.get(residence.KIND)
    stays = [
        residence.Stay(one.source, one.record_id, _value(one.value, known), one.day, one.provenance)
        for one in await register.statements(tx, person_id, "residence")
        if one.day is not None
    ]
    changes = residence.changes(stays, await _history(tx, person_id))
    await record_and_regrant(tx, person_id, changes, cause, anew=anew)


def _value(named: str | None, known: FactKind | None) -> str:
    value = named or residence.ELSEWHERE
    return value if known is None or known.values is None or value in known.values else residence.ELSEWHERE


async def leave_now(tx: Transaction, person_id: UUID) -> None:
    """Ends the tokens of somebody who today is declared elsewhere; nothing where that has changed meanwhile."""
    here = (await tx.session.get_one(Municipality, tx.municipality_id)).code
    person_id = await people.standing_for(tx, person_id)
    await people.lock_person(tx, person_id)
    facts = [fact for fact in await people.facts_timeline(tx, person_id) if fact.kind == residence.KIND]
    today = [fact for fact in facts if fact.valid_from <= tx.day and (fact.valid_to is None or tx.day < fact.valid_to)]
    if today and all(fact.value != here for fact in today):
        await close_all(tx, person_id, "moved")


async def _leave(tx: Transaction, person_id: UUID, since: date) -> None:
    if since <= tx.day:
        await leave_now(tx, person_id)
        return
    due_at = datetime.combine(since, time(), RIGA)
    # a key for each day: a note that is due waits for earlier ones of its key, and another day may be told later
    key = f"moved/{person_id}/{since.isoformat()}"
    await outbox.publish(tx, MOVED, key, {"person_id": str(person_id)}, due_at=due_at)


async def _person(tx: Transaction, ref: PersonRef, *, enrol: bool) -> Enrolled | None:
    if not enrol:
        found = await people.find_by_code(tx, ref.code)
        return None if found is None else Enrolled(found, news=False)
    return await register.find_or_enrol(tx, PersonDraft(ref.code, full_name(ref), ref.birth_date))


def full_name(ref: PersonRef) -> str | None:
    """The name that a source sent, None where it sent none."""
    return " ".join(part for part in (ref.given_name, ref.family_name) if part) or None


async def _history(tx: Transaction, person_id: UUID) -> list[residence.Known]:
    facts = await people.facts_timeline(tx, person_id, superseded=True)
    return [fact for fact in facts if fact.kind == residence.KIND]
