"""Masters of cards for terminals that are to read and debit chips without a connection, if somebody lets them."""

import json
from typing import Any
from uuid import UUID

from joserfc import jws

from amis.kernel import audit
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction
from amis.kernel.keys import keystore
from amis.kernel.settings import settings
from amis.staff import assertion
from amis.staff.errors import InvalidClient
from amis.staff.machine_store import lock_machine, machine_key
from amis.validating.errors import CardKeysNotGiven, CardKeysStay, TerminalNotRegistered
from amis.validating.models import Terminal
from cards.errors import NoSuchKey
from cards.jwk import base64url, jwk, public_of
from cards.keys import EncryptedFileKeyStore
from cards.keys.chip import MASTERS
from cards.keys.handing import hand_over
from cards.keys.ring import dump
from cards.profile.layout import READ, USE
from terminals.chip_keys import PATH

SLOTS: dict[str, tuple[int, ...]] = {"": (), "read": (READ,), "use": (READ, USE)}
"""The slots whose masters a terminal is given."""


async def set_chip_keys(tx: Transaction, terminal_id: UUID, which: str) -> None:
    """Says which masters a terminal may hold; what it holds already is taken away when it next asks.

    Raises:
        TerminalNotRegistered, UnknownMachine: another municipality owns it.
    """
    terminal = await tx.session.get(Terminal, terminal_id)
    if terminal is None:
        raise TerminalNotRegistered
    await lock_machine(tx, terminal_id)
    before, terminal.chip_keys = terminal.chip_keys, which
    subject, after = ("terminal", terminal_id), {"chip_keys": which}
    await audit.record(tx, "terminal.chip_keys", subject, before={"chip_keys": before}, after=after)


async def chip_keys_of(tx: Transaction, terminal_id: UUID) -> str:
    """Which masters a terminal may hold: a key of SLOTS. Raises TerminalNotRegistered."""
    terminal = await tx.session.get(Terminal, terminal_id)
    if terminal is None:
        raise TerminalNotRegistered
    return terminal.chip_keys


async def hand_keys(tx: Transaction, actor: Actor, proof: str) -> dict[str, Any]:
    """The masters of every key set for the calling terminal, sealed for the key that its `proof` names.

    The proof is an assertion of the terminal's own key (RFC 7523) with the fresh key as `cnf` (RFC 7800): a stolen
    bearer is not enough.

    Raises:
        TerminalNotRegistered, InvalidClient
        CardKeysNotGiven: it is to hold none.
        CardKeysStay: the key store gives none away.
    """
    terminal = await tx.session.get(Terminal, UUID(actor.id))
    if terminal is None:
        raise TerminalNotRegistered
    if not terminal.chip_keys:
        raise CardKeysNotGiven
    fresh, pairing = await _proved(tx, terminal.machine_id, proof)
    names = [MASTERS[slot] for slot in SLOTS[terminal.chip_keys]]
    handed = hand_over(_masters(names), public_of(fresh), f"{terminal.machine_id}|{pairing}".encode())
    await audit.record(tx, "terminal.card_keys", ("terminal", terminal.machine_id), after={"keys": names})
    return {"jwk": jwk(handed.key), "sealed": base64url(handed.sealed)}


async def _proved(tx: Transaction, machine_id: UUID, proof: str) -> tuple[dict[str, Any], int]:
    """The fresh key that the terminal vouches for, and the pairing under which it does."""
    key = await machine_key(tx, machine_id)
    if key is None or assertion.claimed_machine(proof) != machine_id:
        raise InvalidClient
    assertion.verify(proof, key.jwk, f"{settings().public_url.rstrip('/')}{PATH}", tx.at)
    claims = json.loads(jws.extract_compact(proof.encode()).payload)
    try:
        fresh: dict[str, Any] = claims["cnf"]["jwk"]
        public_of(fresh)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidClient("cnf: a P-256 key is expected") from error
    return fresh, key.pairing


def _masters(names: list[str]) -> bytes:
    store = keystore()
    if not isinstance(store, EncryptedFileKeyStore):
        raise CardKeysStay
    store.reload()
    try:
        return dump(store.copies(names))
    except NoSuchKey as missing:
        raise CardKeysStay from missing
