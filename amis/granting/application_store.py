"""Reads of applications: the queue, one with what it is about, and what can be applied for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from amis.concessions import store as concessions
from amis.concessions.models import Concession
from amis.granting.errors import ApplicationUnknown
from amis.granting.models import Application, GrantRule, RuleVersion
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from rules.terms import Terms

State = Literal["submitted", "approved", "refused", "withdrawn"]
STATES: tuple[State, ...] = ("submitted", "approved", "refused", "withdrawn")
PAGE = 50
"""Applications on one page of the queue."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of applications with their concessions, and how many there are in all."""

    lines: Sequence[tuple[Application, Concession]]
    count: int


async def queue(tx: Transaction, state: str, page: int = 1) -> Queue:
    """The applications of a state, the oldest first; pages count from 1."""
    mine = Application.municipality_id == tx.municipality_id, Application.state == state
    query = (
        select(Application, Concession)
        .join(Concession, Concession.id == Application.concession_id)
        .where(*mine)
        .order_by(Application.submitted_on, Application.id)
    )
    rows = await tx.session.execute(query.limit(PAGE).offset((page - 1) * PAGE))
    count = await tx.session.scalar(select(func.count()).select_from(Application).where(*mine))
    return Queue([(asked, given) for asked, given in rows], count or 0)


async def get_application(tx: Transaction, application_id: UUID) -> Application:
    """One application.

    Raises:
        ApplicationUnknown
    """
    query = select(Application).where(
        Application.municipality_id == tx.municipality_id, Application.id == application_id
    )
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise ApplicationUnknown
    return row


async def applications_of(tx: Transaction, person_id: UUID) -> list[tuple[Application, Concession]]:
    """Everything that was asked for a person, the newest first."""
    query = (
        select(Application, Concession)
        .join(Concession, Concession.id == Application.concession_id)
        .where(Application.municipality_id == tx.municipality_id, Application.person_id == person_id)
        .order_by(Application.id.desc())
    )
    return [(asked, given) for asked, given in await tx.session.execute(query)]


async def open_to_application(tx: Transaction, day: date) -> list[Concession]:
    """The concessions that are granted only to those who ask, by a rule in force on the day or later."""
    rules = (
        exists()
        .where(
            GrantRule.concession_id == Concession.id,
            GrantRule.state == "active",
            RuleVersion.rule_id == GrantRule.id,
            RuleVersion.state == "active",
            RuleVersion.on_becoming != "automatic",
            or_(RuleVersion.valid_to.is_(None), RuleVersion.valid_to > day),
        )
        .correlate(Concession)
    )
    query = select(Concession).where(Concession.municipality_id.in_({STATE, tx.municipality_id}), rules)
    return list(await tx.session.scalars(query.order_by(Concession.municipality_id == STATE, Concession.code)))


async def terms_on(tx: Transaction, concession_id: UUID, day: date) -> Terms:
    """The terms of a concession on a day; without any, no limits."""
    row = await concessions.terms_at(tx, concession_id, day)
    return Terms.from_json(row.terms) if row else Terms()


def state_of(text: str) -> State:
    """The state that an address names; without one, those that wait."""
    return next((state for state in STATES if state == text), "submitted")
