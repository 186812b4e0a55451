"""Signing in: a password, then a code of a second device. An unknown address gets the same answer in the same time.

Nobody's tenant is known at first, so each step reads as the system without a tenant and writes as the system in the
tenant of the account found.
"""

from datetime import timedelta
from enum import Enum, auto

from amis.kernel import audit
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.staff import attempts, passwords, service, store, totp
from amis.staff.models import Account
from amis.staff.store import FoundAccount, FoundSession

_PART = "sign-in"


class Refused(Enum):
    """Why nobody was signed in."""

    WRONG = auto()
    """Wrong, or too early after failures: the caller is not told which."""
    OVER = auto()
    """The password was given too long ago."""


async def with_password(email: str, password: str, browser: str) -> str | Refused:
    """The first step: the secret of a session that waits for the code."""
    async with transaction(system(_PART)) as tx:
        allowed = await attempts.begin(tx, email)
        found = await store.find_account(tx, email)
    right = allowed and await passwords.matches(password, _usable_hash(found))
    async with transaction(system(_PART, found.municipality_id if found else None)) as tx:
        if found is None or not right:
            await _refuse(tx, found.id if found else None, "password" if allowed else "too early")
            return Refused.WRONG
        await attempts.give_back(tx, email)
        await audit.record(tx, "sign_in.password", ("account", found.id))
        return await service.open_session(tx, found.id, "code", browser, service.CODE_WAIT)


def _usable_hash(found: FoundAccount | None) -> str | None:
    return found.password_hash if found and found.state == "active" else None


async def with_code(secret: str, code: str, browser: str, lasts: timedelta) -> str | Refused:
    """The second step: the secret of an open session, a new one, which ends after `lasts` at the latest."""
    async with transaction(system(_PART)) as tx:
        waiting = await store.find_session(tx, secret, service.CODE_WAIT)
        if waiting is None or waiting.stage != "code":
            return Refused.OVER
        allowed = await attempts.begin(tx, waiting.email)
    async with transaction(system(_PART, waiting.municipality_id)) as tx:
        account = await store.lock_account(tx, waiting.account_id)
        if not (allowed and _use_code(tx, account, code)):
            await _refuse(tx, account.id, "code" if allowed else "too early")
            return Refused.WRONG
        return await _enter(tx, account, waiting, browser, lasts)


def _use_code(tx: Transaction, account: Account, code: str) -> bool:
    """Whether the code is right and later than the last one used: each is good once (RFC 6238 section 5.2)."""
    step = totp.matching_step(totp.unsealed(account.totp_sealed, account.id), code, tx.at)
    if step is None or step <= account.totp_step:
        return False
    account.totp_step = step
    return True


async def _enter(tx: Transaction, account: Account, waiting: FoundSession, browser: str, lasts: timedelta) -> str:
    await service.end_session(tx, waiting.id, account.id, "code given")
    await attempts.clear(tx, account.email)
    account.signed_in_at = tx.at
    await audit.record(tx, "sign_in.done", ("account", account.id))
    return await service.open_session(tx, account.id, "open", browser, lasts)


async def _refuse(tx: Transaction, account_id: object, reason: str) -> None:
    await audit.record(tx, "sign_in.refused", ("account", account_id or "unknown"), reason=reason)
