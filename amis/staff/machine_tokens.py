"""Access tokens of machines: opaque, short, given against a client assertion that is good once."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.staff.assertion import CLOCK_SKEW, Assertion
from amis.staff.errors import InvalidClient, MachineWithdrawn
from amis.staff.machine_store import MachineKey
from amis.staff.models import MachineAssertion, MachineToken
from amis.staff.store import digest

TOKEN_LASTS = timedelta(minutes=15)


async def give_token(tx: Transaction, key: MachineKey, proof: Assertion) -> str:
    """An opaque token of 15 minutes against an assertion that was verified and not used before.

    Raises:
        InvalidClient: the machine is not active, or the assertion was used already.
        MachineWithdrawn: it is revoked; only who holds its key is told so.
    """
    if key.state == "revoked":
        raise MachineWithdrawn
    if key.state != "active":
        raise InvalidClient(f"The machine is {key.state}")
    await _use_once(tx, key, proof)
    token = secrets.token_urlsafe(32)
    tx.session.add(
        MachineToken(
            hash=digest(token),
            machine_id=key.id,
            pairing=key.pairing,
            municipality_id=key.municipality_id,
            created_at=tx.at,
            expires_at=tx.at + TOKEN_LASTS,
        )
    )
    await audit.record(tx, "machine.token", ("machine", key.id), after={"pairing": key.pairing})
    return token


async def _use_once(tx: Transaction, key: MachineKey, proof: Assertion) -> None:
    """Notes the assertion's one-time id; those that could no longer be used are forgotten."""
    unusable = MachineAssertion.expires_at < tx.at - CLOCK_SKEW
    await tx.session.execute(delete(MachineAssertion).where(MachineAssertion.machine_id == key.id, unusable))
    expired = MachineToken.expires_at < tx.at
    await tx.session.execute(delete(MachineToken).where(MachineToken.machine_id == key.id, expired))
    used = {"machine_id": key.id, "jti_hash": digest(proof.jti), "municipality_id": key.municipality_id}
    noted = insert(MachineAssertion).values(used | {"expires_at": proof.expires_at}).on_conflict_do_nothing()
    if (await tx.session.execute(noted.returning(MachineAssertion.jti_hash))).one_or_none() is None:
        raise InvalidClient("jti: this assertion was used already")


async def note_refusal(tx: Transaction, machine_id: UUID, reason: str) -> None:
    """Writes down that a known machine was refused a token."""
    await audit.record(tx, "machine.refused", ("machine", machine_id), reason=reason)
