"""The keys of this installation's chips, out of the key store: by municipality, chip, slot and key set."""

from collections.abc import Callable

from sqlalchemy import func, select

from amis.issuing.models import Token
from amis.kernel.db import Transaction
from amis.kernel.keys import keystore
from cards.keys import chip
from cards.keys.chip import CardKeys
from cards.profile.layout import AID
from cards.token import State


def keyset() -> int:
    """The key-set version that new cards get, as the store has it at this moment."""
    store = keystore()
    store.reload()
    return chip.keyset(store)


def keys_for(issuer: int) -> Callable[[bytes], CardKeys]:
    """The keys of the chips of one municipality (its number), by UID (7 bytes), then by slot and key-set version."""

    def of_chip(uid: bytes) -> CardKeys:
        return chip.chip_keys(keystore(), issuer, uid, AID)

    return of_chip


async def cards_with(tx: Transaction, version: int) -> int:
    """How many cards of the acting municipality that have not ended carry the keys of one key set."""
    carrying = Token.keyset == version, Token.state != State.ENDED
    return await tx.session.scalar(select(func.count()).select_from(Token).where(*carrying)) or 0
