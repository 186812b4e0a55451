"""Slowing down guesses: counted by e-mail address before the guess is looked at, whether or not an account exists."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from amis.kernel.db import Transaction
from amis.kernel.keys import INDEX, keystore
from amis.staff.models import SignInAttempt
from amis.staff.store import normal_email

FREE_FAILURES = 5
_FIRST_DELAY = timedelta(seconds=5)
_LONGEST_DELAY = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(days=1)
_FORGOTTEN_AT_ONCE = 100


def delay_after(failures: int) -> timedelta:
    """How long nothing is tried after so many failures: from the fifth on 5 s, doubling up to 15 minutes."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    doubled: int = 2 ** min(failures - FREE_FAILURES, 10)
    return min(_LONGEST_DELAY, _FIRST_DELAY * doubled)


async def begin(tx: Transaction, email: str) -> bool:
    """Counts one attempt as failed beforehand; False when it comes too early and must not be looked at.

    Counting first is what holds many guesses at once: they queue at this row, and the sixth finds the delay set.
    """
    await _forget_old(tx)
    fresh = {"digest": _digest(email), "failures": 0, "last_at": tx.at}
    await tx.session.execute(insert(SignInAttempt).values(fresh).on_conflict_do_nothing())
    attempt = await tx.session.get_one(SignInAttempt, _digest(email), with_for_update=True)
    if attempt.retry_at is not None and attempt.retry_at > tx.at:
        return False
    attempt.failures += 1
    attempt.last_at = tx.at
    delay = delay_after(attempt.failures)
    attempt.retry_at = tx.at + delay if delay else None
    return True


async def _forget_old(tx: Transaction) -> None:
    """Clears a few rows of yesterday; those that another sign-in holds are left to it, so that none waits in a ring."""
    old = select(SignInAttempt.digest).where(SignInAttempt.last_at < tx.at - _FORGOTTEN_AFTER)
    free = old.limit(_FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)
    await tx.session.execute(delete(SignInAttempt).where(SignInAttempt.digest.in_(free)))


async def give_back(tx: Transaction, email: str) -> None:
    """Takes back the failure that `begin` counted: the password was right and the code is still to come."""
    attempt = await tx.session.get_one(SignInAttempt, _digest(email), with_for_update=True)
    attempt.failures = max(0, attempt.failures - 1)
    attempt.retry_at = None


async def clear(tx: Transaction, email: str) -> None:
    """Forgets the failures: somebody signed in."""
    await tx.session.execute(delete(SignInAttempt).where(SignInAttempt.digest == _digest(email)))


def _digest(email: str) -> bytes:
    return keystore().mac(INDEX, b"sign-in|" + normal_email(email).encode())
