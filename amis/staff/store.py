"""Reading accounts and sessions. What is read before the tenant is known goes through functions of amis_hot."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text

from amis.kernel.db import Transaction
from amis.kernel.errors import NotFound
from amis.staff.errors import UnknownAccount
from amis.staff.models import Account, AccountRole, StaffSession


@dataclass(frozen=True, slots=True)
class FoundAccount:
    """What sign-in needs of an account, whichever municipality it belongs to."""

    id: UUID
    municipality_id: int
    password_hash: str
    state: str


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A live session of an active account; `purposes` maps a person's id to why their data were opened."""

    id: UUID
    stage: str
    account_id: UUID
    municipality_id: int
    municipality_name: str
    name: str
    email: str
    roles: tuple[str, ...]
    purposes: dict[str, str]


def normal_email(email: str) -> str:
    """An e-mail address as it is kept and looked up, however its letters were composed (RFC 6532 section 3.1)."""
    return unicodedata.normalize("NFC", email).strip().lower()


def digest(secret: str) -> bytes:
    """SHA-256 of a random secret: all that the database keeps of it."""
    return hashlib.sha256(secret.encode()).digest()


async def find_account(tx: Transaction, email: str) -> FoundAccount | None:
    """The account with this address in any municipality."""
    found = await tx.session.execute(text("SELECT * FROM find_account(:email)"), {"email": normal_email(email)})
    row = found.mappings().one_or_none()
    return FoundAccount(**row) if row else None


async def find_session(tx: Transaction, secret: str, idle: timedelta) -> FoundSession | None:
    """The session that this secret opens, if it is live and was used within `idle`; notes that it was used."""
    found = await tx.session.execute(
        text("SELECT * FROM find_session(:hash, :at, :idle)"), {"hash": digest(secret), "at": tx.at, "idle": idle}
    )
    row = found.mappings().one_or_none()
    return FoundSession(**{**row, "roles": tuple(row["roles"])}) if row else None


async def account_of(tx: Transaction, email: str) -> Account:
    """The account of the tenant with this address.

    Raises:
        UnknownAccount: there is none.
    """
    account = await tx.session.scalar(select(Account).where(Account.email == normal_email(email)))
    if account is None:
        raise UnknownAccount
    return account


async def lock_account(tx: Transaction, account_id: UUID) -> Account:
    """The account, locked until the transaction ends."""
    return await tx.session.get_one(Account, account_id, with_for_update=True)


async def list_accounts(tx: Transaction) -> list[tuple[Account, list[str]]]:
    """The accounts of the tenant with their roles, by address."""
    accounts = list(await tx.session.scalars(select(Account).order_by(Account.email)))
    roles: dict[UUID, list[str]] = {account.id: [] for account in accounts}
    for held in await tx.session.scalars(select(AccountRole).order_by(AccountRole.role)):
        roles[held.account_id].append(held.role)
    return [(account, roles[account.id]) for account in accounts]


async def live_sessions(tx: Transaction, account_id: UUID) -> list[StaffSession]:
    """Sessions of an account that were not ended and have not run out, the newest first."""
    live = select(StaffSession).where(
        StaffSession.municipality_id == tx.municipality_id,
        StaffSession.account_id == account_id,
        StaffSession.ended_at.is_(None),
        StaffSession.expires_at > tx.at,
        StaffSession.stage == "open",
    )
    return list(await tx.session.scalars(live.order_by(StaffSession.created_at.desc())))


async def session_by_id(tx: Transaction, session_id: UUID) -> StaffSession:
    """A session of the tenant.

    Raises:
        NotFound: there is none.
    """
    session = await tx.session.get(StaffSession, session_id)
    if session is None:
        raise NotFound
    return session
