"""The card's part in proving, to each other, that both sides have the same key: `0A`, `1A`, `AA`, `71` and `77`.

Each is a generator in the card's voice: it yields what the card answers with ADDITIONAL_FRAME, is sent what the next
frame brings, and returns the last answer.
"""

from collections.abc import Generator
from hmac import compare_digest
from typing import TypeAlias

from cards.desfire.crypto import Cipher, aes, ev2_keys, rotate
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.channels import EV1
from cards.simcard.chip import Chip
from cards.simcard.ev2 import EV2
from cards.simcard.keys import ChipKey, Kind, cipher
from cards.simcard.legacy import Legacy, received

Talk: TypeAlias = Generator[bytes, bytes, bytes]
_CAPABILITIES = bytes(6)
_MOST_CAPABILITIES = 6


def legacy(chip: Chip, payload: bytes) -> Talk:
    """`0A`: DES or 2K3DES in the manner of the first DESFire."""
    number, key = _key(chip, payload, 1, Kind.DES)
    engine, card = key.cipher(), chip.random(key.kind.challenge)
    answer = yield engine.encrypt(engine.zero, card)
    reader = _verified(received(engine, _sized(answer, 2 * len(card))), card)
    chip.channel = Legacy(number, cipher(key.kind, key.session_key(reader, card)))
    return engine.encrypt(engine.zero, rotate(reader))


def chained(chip: Chip, payload: bytes, kinds: tuple[Kind, ...]) -> Talk:
    """`1A` and `AA`: one chain of blocks through all three passes, then a session of EV1."""
    number, key = _key(chip, payload, 1, *kinds)
    engine, card = key.cipher(), chip.random(key.kind.challenge)
    sent = engine.encrypt(engine.zero, card)
    answer = yield sent
    plain = engine.decrypt(sent[-engine.block :], _sized(answer, 2 * len(card)))
    reader = _verified(plain, card)
    session = cipher(key.kind, key.session_key(reader, card))
    chip.channel = EV1(number, session, session.zero)
    return engine.encrypt(answer[-engine.block :], rotate(reader))


def ev2_first(chip: Chip, payload: bytes) -> Talk:
    """`71`: a session of EV2 with a new transaction identifier."""
    if len(payload) < 2 or len(payload) != 2 + payload[1] or payload[1] > _MOST_CAPABILITIES:
        raise CardRefused(Status.LENGTH_ERROR)
    number, key = _key(chip, payload, len(payload), Kind.AES)
    engine = key.cipher()
    reader, card = yield from _ev2_challenge(chip, engine)
    identifier = chip.random(4)
    chip.channel = _ev2_session(number, key, reader, card, identifier)
    theirs = payload[2:].ljust(len(_CAPABILITIES), b"\0")
    return engine.encrypt(engine.zero, identifier + rotate(reader) + _CAPABILITIES + theirs)


def ev2_again(chip: Chip, payload: bytes) -> Talk:
    """`77`: another key inside the same EV2 transaction, whose counter goes on."""
    session = chip.channel
    if not isinstance(session, EV2):
        raise CardRefused(Status.AUTHENTICATION_ERROR)
    number, key = _key(chip, payload, 1, Kind.AES)
    engine = key.cipher()
    reader, card = yield from _ev2_challenge(chip, engine)
    chip.channel = _ev2_session(number, key, reader, card, session.transaction, session.counter)
    return engine.encrypt(engine.zero, rotate(reader))


def _ev2_challenge(chip: Chip, engine: Cipher) -> Generator[bytes, bytes, tuple[bytes, bytes]]:
    card = chip.random(engine.block)
    answer = yield engine.encrypt(engine.zero, card)
    return _verified(engine.decrypt(engine.zero, _sized(answer, 2 * engine.block)), card), card


def _ev2_session(number: int, key: ChipKey, reader: bytes, card: bytes, identifier: bytes, counter: int = 0) -> EV2:
    enc, mac = ev2_keys(key.value, reader, card)
    return EV2(number, aes(enc), aes(mac), identifier, counter)


def _key(chip: Chip, payload: bytes, size: int, *kinds: Kind) -> tuple[int, ChipKey]:
    chip.end_session()
    number, key = _sized(payload, size)[0], chip.application.key(payload[0])
    if key.kind not in kinds:
        raise CardRefused(Status.AUTHENTICATION_ERROR)
    return number, key


def _sized(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise CardRefused(Status.LENGTH_ERROR)
    return data


def _verified(plain: bytes, card: bytes) -> bytes:
    reader, echo = plain[: len(card)], plain[len(card) :]
    if not compare_digest(echo, rotate(card)):
        raise CardRefused(Status.AUTHENTICATION_ERROR)
    return reader
