"""Each proof of a phone is good once; what it leaves behind is kept while it could be shown again."""

from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from amis.holder.errors import ProofReused
from amis.holder.models import HolderRequest
from amis.holder.proof import Proof
from amis.kernel.db import Transaction


async def use_proof(tx: Transaction, device_id: UUID, shown: Proof) -> None:
    """Notes a proof, so that it is good once; those that could no longer be shown are forgotten.

    Raises:
        ProofReused
    """
    mine = HolderRequest.device_id == device_id
    await tx.session.execute(delete(HolderRequest).where(mine, HolderRequest.expires_at < tx.at))
    hashed = sha256(shown.jti.encode()).digest()
    used = {"device_id": device_id, "jti_hash": hashed, "municipality_id": tx.municipality_id}
    noted = insert(HolderRequest).values(used | {"expires_at": shown.expires_at}).on_conflict_do_nothing()
    if (await tx.session.execute(noted.returning(HolderRequest.jti_hash))).one_or_none() is None:
        raise ProofReused
