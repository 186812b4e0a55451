"""Mutual authentication in three passes: card and reader prove to each other that they have one key."""

import secrets
from collections.abc import Callable, Sequence
from enum import IntEnum
from hmac import compare_digest

from cards.desfire.command import Command
from cards.desfire.crypto import Cipher, aes, ev2_keys, rotate, session_key_3des, session_key_aes, two_key_3des
from cards.desfire.ev1 import EV1Channel
from cards.desfire.ev2 import EV2Channel
from cards.desfire.exchange import PlainChannel, steps_of
from cards.desfire.frames import DONE, MORE, unwrap, wrap
from cards.desfire.procedure import Procedure, Step, before, head
from cards.desfire.session import Session
from cards.desfire.status import Status
from cards.errors import AuthenticationFailed, CardDelayed, CardRefused, UnexpectedAnswer

# transaction identifier, RndA and the capabilities of card and reader
_EV2_PROOF = 4 + 16 + 6 + 6


class Scheme(IntEnum):
    """How to authenticate; the value is the native command."""

    FACTORY = 0x1A
    """2K3DES, as the master key of a new card wants it."""
    EV1 = 0xAA
    EV2 = 0x71


def authenticate(
    scheme: Scheme,
    number: int,
    key: bytes,
    *,
    random: Callable[[int], bytes] = secrets.token_bytes,
    first: Sequence[Command] = (),
    then: Sequence[Command] = (),
) -> Procedure[tuple[Session, list[bytes]]]:
    """A session with the 16-byte `key` number `number`, and the answers to the commands of `then`.

    `first` are plain commands without an answer that go out in the list before (SelectApplication); `then` go out with
    the proof under EV1, whose answer is known beforehand, and in a list of their own under EV2. AuthenticationFailed
    when the card or the reader does not have the key, CardRefused for anything else that the card objects to.
    """
    cipher = two_key_3des(key) if scheme is Scheme.FACTORY else aes(key)
    challenge = yield from _challenge(scheme, number, cipher, first)
    nonce = random(cipher.block)
    if scheme is Scheme.EV2:
        session = yield from _prove_ev2(number, key, cipher, nonce, challenge)
        return session, (yield from session.batch(then))
    return (yield from _prove(scheme, number, key, cipher, nonce, challenge, then))


def _challenge(scheme: Scheme, number: int, cipher: Cipher, first: Sequence[Command]) -> Procedure[bytes]:
    steps = [step for command in first for step in steps_of(PlainChannel(), command)]
    # EV2: no capabilities of the reader to announce
    data = bytes((number, 0)) if scheme is Scheme.EV2 else bytes((number,))
    answers = yield [*steps, Step(wrap(scheme, data))]
    for answer in answers[: len(steps)]:
        _accepted(answer)
    if len(answers) <= len(steps):
        raise UnexpectedAnswer("unfinished")
    return _passed(answers[-1], Status.ADDITIONAL_FRAME, cipher.block)


def _prove(
    scheme: Scheme, number: int, key: bytes, cipher: Cipher, nonce: bytes, challenge: bytes, then: Sequence[Command]
) -> Procedure[tuple[Session, list[bytes]]]:
    card = cipher.decrypt(cipher.zero, challenge)
    # one chain of blocks runs through all three passes
    proof = cipher.encrypt(challenge, nonce + rotate(card))
    answer = cipher.encrypt(proof[-cipher.block :], rotate(nonce))
    session = Session(_ev1_channel(scheme, key, nonce, card), number)

    def check(response: bytes) -> None:
        if not compare_digest(_passed(response, Status.OK, cipher.block), answer):
            raise AuthenticationFailed("the card's proof")

    found = yield from before(Step(wrap(MORE, proof), answer + DONE), check, session.batch(then))
    return session, found


def _ev1_channel(scheme: Scheme, key: bytes, nonce: bytes, card: bytes) -> EV1Channel:
    if scheme is Scheme.FACTORY:
        cipher = two_key_3des(session_key_3des(key, nonce, card))
    else:
        cipher = aes(session_key_aes(nonce, card))
    return EV1Channel(cipher, cipher.zero)


def _prove_ev2(number: int, key: bytes, cipher: Cipher, nonce: bytes, challenge: bytes) -> Procedure[Session]:
    card = cipher.decrypt(cipher.zero, challenge)
    answers = yield [Step(wrap(MORE, cipher.encrypt(cipher.zero, nonce + rotate(card))))]
    proof = cipher.decrypt(cipher.zero, _passed(head(answers), Status.OK, _EV2_PROOF))
    if not compare_digest(proof[4:20], rotate(nonce)):
        raise AuthenticationFailed("the card's proof")
    enc, mac = ev2_keys(key, nonce, card)
    return Session(EV2Channel(aes(enc), aes(mac), proof[:4]), number)


def _accepted(answer: bytes) -> Status:
    status, _ = unwrap(answer)
    if status is Status.AUTHENTICATION_ERROR:
        raise AuthenticationFailed
    if status is Status.AUTHENTICATION_DELAY:
        raise CardDelayed
    if status not in (Status.OK, Status.ADDITIONAL_FRAME):
        raise CardRefused(status)
    return status


def _passed(answer: bytes, wanted: Status, size: int) -> bytes:
    if _accepted(answer) is not wanted or len(answer) != size + len(DONE):
        raise UnexpectedAnswer("authentication")
    return answer[:size]
