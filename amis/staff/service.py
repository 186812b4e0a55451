"""Changing accounts and sessions."""

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.errors import NotFound
from amis.kernel.ids import new_id
from amis.staff import passwords, store, totp
from amis.staff.errors import BadEmail, EmailTaken, UnknownRole
from amis.staff.models import Account, AccountRole, StaffSession
from amis.staff.roles import role_names

CODE_WAIT = timedelta(minutes=5)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")
_BROWSER_LENGTH = 200


async def create_account(
    tx: Transaction, email: str, name: str, password: str, roles: Iterable[str]
) -> tuple[Account, str]:
    """Makes an account of the tenant; returns it with its TOTP secret (base32), which is not shown again.

    Raises:
        BadEmail, EmailTaken, UnknownRole, WeakPassword: the input is refused.
    """
    address, roles = store.normal_email(email), sorted(set(roles))
    await _refuse_bad(tx, address, roles)
    passwords.refuse_weak(password, f"{name} {address}", with_code=True)
    secret = totp.new_secret()
    account = _new_account(tx, address, name, await passwords.hashed(password), secret)
    tx.session.add(account)
    await tx.session.flush()
    tx.session.add_all(AccountRole(municipality_id=tx.municipality_id, account_id=account.id, role=r) for r in roles)
    await audit.record(tx, "account.create", ("account", account.id), after={"roles": roles})
    return account, secret


async def _refuse_bad(tx: Transaction, address: str, roles: list[str]) -> None:
    if not _EMAIL.fullmatch(address) or len(address) > 254:
        raise BadEmail(pointer="/email")
    unknown = [role for role in roles if role not in role_names()]
    if unknown or not roles:
        raise UnknownRole(", ".join(unknown), pointer="/roles")
    if await store.find_account(tx, address):
        raise EmailTaken(pointer="/email")


def _new_account(tx: Transaction, address: str, name: str, password_hash: str, secret: str) -> Account:
    account_id = new_id()
    return Account(
        id=account_id,
        municipality_id=tx.municipality_id,
        email=address,
        name=name.strip(),
        password_hash=password_hash,
        totp_sealed=totp.sealed(secret, account_id),
        state="active",
        created_at=tx.at,
    )


async def disable_account(tx: Transaction, email: str, reason: str = "") -> None:
    """Shuts an account and every session of it, from the next request on."""
    account = await store.account_of(tx, email)
    before, account.state = account.state, "disabled"
    await audit.record(
        tx,
        "account.disable",
        ("account", account.id),
        before={"state": before},
        after={"state": "disabled"},
        reason=reason,
    )
    await end_sessions(tx, account.id, reason)


async def open_session(tx: Transaction, account_id: UUID, stage: str, browser: str, lasts: timedelta) -> str:
    """Starts a session under a fresh secret of 256 random bits, which only the browser keeps."""
    secret = secrets.token_urlsafe(32)
    tx.session.add(
        StaffSession(
            id=new_id(),
            municipality_id=tx.municipality_id,
            account_id=account_id,
            secret_hash=store.digest(secret),
            stage=stage,
            created_at=tx.at,
            seen_at=tx.at,
            expires_at=tx.at + lasts,
            browser=browser[:_BROWSER_LENGTH],
            purposes={},
        )
    )
    await tx.session.flush()
    return secret


async def end_session(tx: Transaction, session_id: UUID, account_id: UUID, reason: str = "") -> None:
    """Ends one session of an account.

    Raises:
        NotFound: the account has no such session.
    """
    session = await store.session_by_id(tx, session_id)
    if session.account_id != account_id:
        raise NotFound
    if session.ended_at is None:
        session.ended_at = tx.at
        await audit.record(tx, "session.end", ("session", session_id), reason=reason)


async def end_sessions(tx: Transaction, account_id: UUID, reason: str = "") -> None:
    """Ends every session of an account."""
    live = (StaffSession.municipality_id == tx.municipality_id, StaffSession.account_id == account_id)
    await tx.session.execute(update(StaffSession).where(*live, StaffSession.ended_at.is_(None)).values(ended_at=tx.at))
    await audit.record(tx, "session.end_all", ("account", account_id), reason=reason)


async def keep_purpose(tx: Transaction, session_id: UUID, person_id: UUID, purpose: str) -> None:
    """Remembers for the rest of a session why a person's data are opened; each reading is logged with it."""
    session = await store.session_by_id(tx, session_id)
    session.purposes = {**session.purposes, str(person_id): purpose}
    await audit.record(tx, "purpose.state", ("person", person_id), reason=purpose)
