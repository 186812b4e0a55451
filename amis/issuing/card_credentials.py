"""The credential in a chip: profile C, bound to the chip's UID, signed anew only when what it says is no longer so."""

from typing import NamedTuple

from amis.issuing import minting, store
from amis.issuing.errors import NothingGranted
from amis.issuing.models import Token
from amis.kernel.db import Transaction
from amis.kernel.sealed import unseal_bytes
from cards import cose
from cards.claims import MOST_RIGHTS, Claims, Right, decode_claims
from cards.credential import mint, new_cti, status_number
from rules.period import Days

_WORTH_KEEPING = minting.LONGEST / 2
"""What a new credential has to live longer by, to be worth signing for that alone."""


class CardCredential(NamedTuple):
    """The COSE_Sign1 for a chip and what it promises."""

    content: bytes
    rights: tuple[Right, ...]


async def credential_for(
    tx: Transaction, token: Token, uid: bytes, key: bytes, days: dict[int, Days]
) -> CardCredential:
    """The credential of a locked card for a chip: the one it has while that says what is granted, else a new one.

    A new one is of the next generation. `key` is the holder's own, `days` those of minting.granted_days.

    Raises:
        NothingGranted
    """
    rights = minting.promised(days, tx.day, token.valid_to - minting.A_DAY, MOST_RIGHTS["C"])
    if not rights:
        raise NothingGranted
    row = await store.newest_credential(tx, token.id)
    if row is not None:
        content = unseal_bytes(await store.key_of(tx, token, row), "credential", "sealed", row.id, row.sealed)
        long_enough = row.expires_at + _WORTH_KEEPING >= minting.expiry(tx.at, token.valid_to)
        if _uid_in(content) == uid and store.signed_rights(row) == tuple(rights) and long_enough:
            return CardCredential(content, tuple(rights))
        token.generation += 1
    return CardCredential(await _mint(tx, token, uid, key, rights), tuple(rights))


def _uid_in(content: bytes) -> bytes | None:
    return decode_claims(cose.cut(content).payload).uid


async def _mint(tx: Transaction, token: Token, uid: bytes, key: bytes, rights: list[Right]) -> bytes:
    signer = await minting.issuer(tx)
    promise = minting.Promise(tuple(rights), new_cti(), minting.expiry(tx.at, token.valid_to))
    claims = Claims(
        iat=int(tx.at.timestamp()),
        exp=int(promise.expires.timestamp()),
        status=status_number(token.status_list, token.status_index),
        rights=promise.rights,
        cti=promise.cti,
        uid=uid,
        generation=token.generation,
    )
    content = mint(signer, claims)
    await minting.keep(tx, token, "C", signer.kid, promise, content, key, uid=uid.hex())
    return content
