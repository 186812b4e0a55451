"""The card's side of authentication, against recorded exchanges of real chips and NXP's published examples."""

import pytest

from cards.desfire.crypto import aes
from cards.desfire.frames import wrap
from cards.errors import CardRefused
from cards.simcard import Version, VirtualCard
from cards.simcard.channels import EV1
from cards.simcard.chip import Chip
from cards.simcard.conversation import converse
from cards.simcard.ev2 import EV2
from cards.simcard.keys import ZERO_DES, ChipKey, Kind
from cards.simcard.legacy import Legacy
from cards.simcard.login import chained, ev2_again, ev2_first, legacy
from cards.simcard.picc import Application, Picc
from tests.cards.simcard.raw import AID, UID, done

ZERO_AES = ChipKey(Kind.AES, bytes(16))
ILLEGAL, NO_KEY, WRONG_KEY, ABORTED, LENGTH = (bytes((0x91, it)) for it in (0x1C, 0x40, 0xAE, 0xCA, 0x7E))


def chip_with(key: ChipKey, *randoms: str, version: Version = Version.EV1) -> Chip:
    """A chip with an application under `key`, selected, that draws these random numbers."""
    numbers = iter(map(bytes.fromhex, randoms))
    application = Application(0x0F, Kind.AES, (key,))
    chip = Chip(Picc.factory(UID, version, 4096).with_application(AID, application), lambda size: next(numbers))
    chip.select(AID)
    return chip


def finished(talk, *frames: bytes) -> list[bytes]:
    """All answers of a command that takes these further frames."""
    answers = [next(talk)]
    try:
        for frame in frames:
            answers.append(talk.send(frame))
    except StopIteration as end:
        answers.append(end.value)
    return answers


def real_ev1_session() -> Chip:
    """A chip after the recorded authentication of a real EV1 with the AES key zero."""
    chip = chip_with(ZERO_AES, "c05ddd714fd788a6b7b754f3c4d066e8")
    proof = "36aad7df6e436ba08d18613830a70d5ad43e3d3f4a8d47541eee623a934e4774"
    answers = finished(chained(chip, b"\0", (Kind.AES,)), bytes.fromhex(proof))
    assert [answer.hex() for answer in answers] == [
        "b969fdfe56fd91fc9de6f6f213b8fd1e",
        "800db680bc146bd121d6578f2d2e2059",
    ]
    return chip


def test_a_real_ev1_answers_the_same():
    assert real_ev1_session().channel.key_number == 0


def test_a_real_change_of_the_key_in_use_is_taken():
    chip = real_ev1_session()
    sealed = "00e9f85e219496c2b58c1090dc3935fae9e840cf61b383d9531946256b1f110c10"
    with pytest.raises(StopIteration) as end:
        next(converse(chip, 0xC4, bytes.fromhex(sealed)))
    assert end.value.value == b""
    assert chip.application.key(0) == ChipKey(Kind.AES, bytes.fromhex("00102030405060708090a0b0b0a09080"), 0x10)
    assert chip.channel.key_number is None


def test_a_recorded_key_version_carries_the_recorded_mac():
    key = ChipKey(Kind.AES, bytes(16), 0x10)
    chip = chip_with(key)
    session = aes(bytes.fromhex("90f7a20191036845ec63decd544b9931"))
    chip.channel = EV1(0, session, session.zero)
    with pytest.raises(StopIteration) as end:
        next(converse(chip, 0x64, b"\0"))
    assert end.value.value.hex() == "108a8fa36f55cd210d"


def test_the_published_ev2_exchange_gives_the_published_keys():
    chip = chip_with(ZERO_AES, "b9e2fc789b64bf237cccaa20ec7e6e48", "9d00c4df", version=Version.EV2)
    reader = bytes.fromhex("13c5db8a5930439fc3def9a4c675360f")
    card = bytes.fromhex("b9e2fc789b64bf237cccaa20ec7e6e48")
    engine = aes(bytes(16))
    proof = engine.encrypt(engine.zero, reader + card[1:] + card[:1])
    challenge, last = finished(ev2_first(chip, b"\0\0"), proof)
    assert challenge.hex() == "a04c124213c186f22399d33ac2a30215"
    assert engine.decrypt(engine.zero, last) == bytes.fromhex("9d00c4df") + reader[1:] + reader[:1] + bytes(12)
    session = chip.channel
    assert isinstance(session, EV2)
    same = aes(bytes.fromhex("1309c877509e5a215007ff0ed19ca564"))
    assert session.enc.encrypt(bytes(16), bytes(16)) == same.encrypt(bytes(16), bytes(16))
    same = aes(bytes.fromhex("4c6626f5e72ea694202139295c7a7fc7"))
    assert session.mac.encrypt(bytes(16), bytes(16)) == same.encrypt(bytes(16), bytes(16))


def test_a_second_ev2_key_keeps_the_transaction_and_its_counter():
    chip = chip_with(ZERO_AES, "00" * 16, "9d00c4df", "11" * 16, version=Version.EV2)
    engine = aes(bytes(16))

    def proof(card: bytes) -> bytes:
        return engine.encrypt(engine.zero, bytes(range(16)) + card)

    finished(ev2_first(chip, b"\0\0"), proof(bytes(16)))
    assert isinstance(chip.channel, EV2)
    chip.channel.counter = 7
    answers = finished(ev2_again(chip, b"\0"), proof(b"\x11" * 16))
    assert engine.decrypt(engine.zero, answers[-1]) == bytes(range(1, 16)) + b"\0"
    assert (chip.channel.transaction.hex(), chip.channel.counter) == ("9d00c4df", 7)


@pytest.mark.parametrize(
    ("version", "code", "payload", "answer"),
    [
        (Version.EV1, 0x71, "0000", ILLEGAL),
        (Version.EV2, 0x71, "0001", LENGTH),
        (Version.EV2, 0x71, "00", LENGTH),
        (Version.EV2, 0x77, "00", WRONG_KEY),
        (Version.EV1, 0xAA, "05", NO_KEY),
        (Version.EV1, 0xAA, "", LENGTH),
        (Version.EV1, 0x0A, "00", WRONG_KEY),
        (Version.EV1, 0x1A, "00", WRONG_KEY),
    ],
)
def test_what_does_not_begin_an_authentication_is_refused(version, code, payload, answer):
    card = VirtualCard(UID, version=version)
    done(card, 0xCA, AID + b"\x0f\x81")
    done(card, 0x5A, AID)
    assert card.process(wrap(code, bytes.fromhex(payload))) == answer


@pytest.mark.parametrize(("code", "challenge"), [(0x0A, 8), (0x1A, 8)])
def test_a_wrong_proof_a_short_one_and_another_command_end_it(code, challenge):
    card = VirtualCard(UID)
    for frame, answer in ((wrap(0xAF, bytes(16)), WRONG_KEY), (wrap(0xAF, b"\1"), LENGTH), (wrap(0x60), ABORTED)):
        begun = card.process(wrap(code, b"\0"))
        assert (len(begun), begun[-2:]) == (challenge + 2, b"\x91\xaf")
        assert card.process(frame) == answer
        assert card.process(wrap(0xAF)) == ILLEGAL


@pytest.mark.parametrize("begin", [legacy, lambda chip, payload: chained(chip, payload, (Kind.DES,))])
def test_an_attempt_that_fails_ends_even_a_session_that_survives_refusals(begin):
    chip = chip_with(ZERO_DES, "00" * 8)
    chip.channel = Legacy(0, ZERO_DES.cipher())
    talk = begin(chip, b"\0")
    next(talk)
    with pytest.raises(CardRefused):
        talk.send(bytes(16))
    chip.refuse()
    assert chip.channel.key_number is None
