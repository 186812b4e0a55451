"""Applications: a concession is asked for a person, somebody decides, and the approved one is a dated fact."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from amis.concessions import store as concessions
from amis.granting import application_store, store
from amis.granting.application_store import terms_on
from amis.granting.effective import APPLICATION, CHOICE
from amis.granting.errors import (
    ApplicantNotGuardian,
    ApplicationDecided,
    ApplicationRepeated,
    ApplicationUnknown,
    ChoiceInvalid,
    NotByApplication,
    ReasonMissing,
)
from amis.granting.household_limit import limit_household
from amis.granting.models import Application
from amis.granting.regranting import Cause, Regranted, record_and_regrant
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import representation
from amis.register import store as register
from amis.register.change import FactChange
from amis.register.models import Fact

SOURCE = "application"
"""The source of the facts that approved applications state; the record is the application's id."""
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class ApplicationDraft:
    """What is asked for: `choice` is a mode where the holder chooses one, `applicant_id` who asks for the person."""

    person_id: UUID
    concession_id: UUID
    choice: str | None = None
    applicant_id: UUID | None = None


async def submit_application(tx: Transaction, draft: ApplicationDraft) -> UUID:
    """Keeps an application of today.

    Raises:
        PersonUnknown, NotByApplication, ChoiceInvalid, ApplicantNotGuardian, ApplicationRepeated
    """
    day = tx.day
    await register.lock_person(tx, draft.person_id)
    await _check(tx, draft, day)
    row = Application(
        id=new_id(),
        municipality_id=tx.municipality_id,
        person_id=draft.person_id,
        concession_id=draft.concession_id,
        applicant_id=draft.applicant_id,
        submitted_on=day,
        choice=draft.choice,
        state="submitted",
        reason="",
    )
    tx.session.add(row)
    await tx.session.flush()
    await audit.record(tx, "application.submit", ("application", row.id), after=_shown(row))
    return row.id


async def approve_application(tx: Transaction, application_id: UUID) -> Regranted:
    """Approves: the right starts by the cut-off day of the terms, for whoever meets the rest of the rule.

    Raises:
        ApplicationUnknown, ApplicationDecided, HouseholdLimit
    """
    await store.hold_rules(tx)
    row = await _locked(tx, application_id, "submitted")
    terms = await terms_on(tx, row.concession_id, row.submitted_on)
    first = terms.starts_on(row.submitted_on)
    if terms.per_household is not None:
        await limit_household(tx, row.person_id, row.concession_id, first, terms.per_household)
    await _decide(tx, row, "approved", starts_on=first)
    changes = await _facts(tx, row, first)
    return await record_and_regrant(tx, row.person_id, changes, Cause(SOURCE, str(row.id)))


async def refuse_application(tx: Transaction, application_id: UUID, reason: str) -> None:
    """Refuses, and says why.

    Raises:
        ApplicationUnknown, ApplicationDecided, ReasonMissing
    """
    row = await _locked(tx, application_id, "submitted")
    await _decide(tx, row, "refused", reason=_said(reason))


async def withdraw_application(tx: Transaction, application_id: UUID, reason: str) -> Regranted:
    """Takes an application back; what an approved one gave ends today.

    Raises:
        ApplicationUnknown, ApplicationDecided, ReasonMissing
    """
    await store.hold_rules(tx)
    row = await _locked(tx, application_id, "submitted", "approved")
    approved = row.state == "approved"
    await _decide(tx, row, "withdrawn", reason=_said(reason))
    changes = await _taken_back(tx, row) if approved else []
    return await record_and_regrant(tx, row.person_id, changes, Cause(SOURCE, str(row.id)))


async def _check(tx: Transaction, draft: ApplicationDraft, day: date) -> None:
    if draft.concession_id not in {row.id for row in await application_store.open_to_application(tx, day)}:
        raise NotByApplication(pointer="/concession")
    terms = await terms_on(tx, draft.concession_id, day)
    if draft.choice not in (terms.modes if terms.holder_mode else {None}):
        raise ChoiceInvalid(pointer="/choice")
    asks = draft.applicant_id
    if asks is not None and not await representation.represents(tx, asks, draft.person_id, day):
        raise ApplicantNotGuardian(pointer="/applicant")
    if await _repeated(tx, draft):
        raise ApplicationRepeated(pointer="/concession")


async def _repeated(tx: Transaction, draft: ApplicationDraft) -> bool:
    """Another choice may be asked for while an earlier one stands."""
    known = await application_store.applications_of(tx, draft.person_id)
    same = [row for row, _ in known if row.concession_id == draft.concession_id]
    return any(row.state == "submitted" or (row.state == "approved" and row.choice == draft.choice) for row in same)


async def _facts(tx: Transaction, row: Application, first: date) -> list[FactChange]:
    code = (await concessions.get_concession(tx, row.concession_id)).code
    asked = FactChange(APPLICATION, code, first, None, SOURCE, str(row.id), 1)
    if row.choice is None:
        return [asked]
    return [asked, replace(asked, kind=CHOICE, value=f"{code}:{row.choice}", record_id=f"{row.id}/choice")]


async def _stated(tx: Transaction, row: Application) -> list[Fact]:
    records = (str(row.id), f"{row.id}/choice")
    known = await register.facts_timeline(tx, row.person_id)
    return [fact for fact in known if fact.source == SOURCE and fact.record_id in records]


async def _taken_back(tx: Transaction, row: Application) -> list[FactChange]:
    """What ends the facts of an application; nothing stays of its mode where another one's is to count again."""
    known = await application_store.applications_of(tx, row.person_id)
    others = any(one.state == "approved" and one.concession_id == row.concession_id for one, _ in known)
    return [_ended(fact, tx.day, whole=others and fact.kind == CHOICE) for fact in await _stated(tx, row)]


def _ended(fact: Fact, day: date, *, whole: bool) -> FactChange:
    stated = fact.kind, fact.value, fact.valid_from
    if whole or fact.valid_from >= day:
        return FactChange(*stated, fact.valid_to, SOURCE, fact.record_id, fact.version + 1, "withdraw")
    return FactChange(*stated, day, SOURCE, fact.record_id, fact.version + 1)


async def _locked(tx: Transaction, application_id: UUID, *states: str) -> Application:
    row = await tx.session.scalar(
        select(Application)
        .where(Application.municipality_id == tx.municipality_id, Application.id == application_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise ApplicationUnknown
    if row.state not in states:
        raise ApplicationDecided
    return row


async def _decide(
    tx: Transaction, row: Application, state: str, *, starts_on: date | None = None, reason: str = ""
) -> None:
    before = _shown(row)
    row.state, row.starts_on, row.reason = state, starts_on, reason
    row.decided_by, row.decided_at = tx.actor.id, tx.at
    await tx.session.flush()
    subject = ("application", row.id)
    await audit.record(tx, f"application.{_VERBS[state]}", subject, before=before, after=_shown(row), reason=reason)


_VERBS = {"approved": "approve", "refused": "refuse", "withdrawn": "withdraw"}


def _said(reason: str) -> str:
    if not 0 < len(reason.strip()) <= _LONGEST:
        raise ReasonMissing(pointer="/reason")
    return reason.strip()


def _shown(row: Application) -> dict[str, Any]:
    return {
        "state": row.state,
        "person": str(row.person_id),
        "concession": str(row.concession_id),
        "applicant": str(row.applicant_id) if row.applicant_id else None,
        "submitted_on": row.submitted_on.isoformat(),
        "choice": row.choice,
        "starts_on": row.starts_on.isoformat() if row.starts_on else None,
    }
