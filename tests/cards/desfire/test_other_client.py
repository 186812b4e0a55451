"""Another program's client, byte for byte: python-desfire where it is right (not its MACs and plain reads)."""

import pytest
from desfire import DESFire
from desfire.devices.base import Device
from desfire.enums import DESFireCommunicationMode, DESFireKeySettings, DESFireKeyType
from desfire.key import DESFireKey
from desfire.schemas import KeySettings

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.command import Mode
from cards.desfire.commands import (
    AES_KEY,
    change_key,
    change_key_settings,
    get_card_uid,
    get_key_version,
    read_data,
    select_application,
    set_configuration,
    write_data,
)
from cards.desfire.procedure import run
from tests.cards.desfire.peer import Peer, Rule

AID = bytes.fromhex("d00af4")
DATA = bytes(range(0x21, 0x49))
NEW, OLD = b"\x33" * 16, b"\x44" * 16
NONCE = bytes(range(0xA0, 0xB0))
RULES = {
    0x5A: Rule(data=3),
    0x64: Rule(data=1, answer=b"\x07"),
    0x51: Rule(back=Mode.FULL, answer=bytes.fromhex("04440f32763180")),
    0x54: Rule(data=1, out=Mode.FULL),
    0x5C: Rule(1, 25, out=Mode.FULL),
    0x3D: Rule(7, len(DATA), out=Mode.FULL),
    0xBD: Rule(7, back=Mode.FULL, answer=DATA),
}


class Heard(Device):
    """A card that keeps what it heard; python-desfire speaks native frames, ours come in APDUs."""

    def __init__(self, scheme: Scheme, key: bytes, change: Rule) -> None:
        self.peer = Peer(scheme, key, RULES | {0xC4: change})
        self.frames: list[bytes] = []

    def transmit(self, apdu: bytes) -> bytes:
        self.frames.append(apdu[1:2] + apdu[5:-1])
        return self.peer(apdu)

    def transceive(self, bytes: list[int]) -> list[int]:
        code, *data = bytes
        answer = self.transmit(bytearray([0x90, code, 0, 0, *([len(data), *data] if data else []), 0]))
        return [answer[-1], *answer[:-2]]


OTHER_KEY = Rule(1, 17, out=Mode.FULL, tail=4)
SAME_KEY = Rule(1, 17, out=Mode.FULL, ends=True)


def other_client(kind: DESFireKeyType, key: bytes, device: Heard, number: int = 0) -> DESFire:
    client = DESFire(device)
    client.select_application(AID)
    client.authenticate(number, DESFireKey(KeySettings(key_type=kind), key), NONCE[: device.peer.block])
    return client


def aes_key(key: bytes) -> DESFireKey:
    return DESFireKey(KeySettings(key_type=DESFireKeyType.DF_KEY_AES), key)


def ours(device: Heard, key: bytes, number: int = 0):
    def nonce(size: int) -> bytes:
        return NONCE[:size]

    first = [select_application(AID)]
    return run(authenticate(device.peer.scheme, number, key, random=nonce, first=first), device.transmit)[0]


def test_an_aes_session_sends_what_the_other_client_sends():
    theirs, mine = (Heard(Scheme.EV1, OLD, OTHER_KEY) for _ in range(2))
    client = other_client(DESFireKeyType.DF_KEY_AES, OLD, theirs)
    assert client.get_key_version(1) == 7
    client.change_key_settings([DESFireKeySettings.KS_ALLOW_CHANGE_MK])
    assert bytes(client.get_real_uid()).hex() == "04440f32763180"
    client.write_file_data(3, 2, DESFireCommunicationMode.ENCRYPTED, list(DATA))
    client.change_default_key(aes_key(NEW), 9)
    client.change_key(2, aes_key(OLD), aes_key(NEW), 9)
    session = ours(mine, OLD)
    commands = [
        get_key_version(1),
        change_key_settings(1),
        get_card_uid(),
        write_data(3, 2, DATA, Mode.FULL),
        set_configuration(1, NEW + bytes(8) + b"\x09"),
        change_key(session, 2, NEW, 9, OLD),
    ]
    run(session.batch(commands), mine.transmit)
    assert mine.frames == theirs.frames
    assert mine.peer.received == theirs.peer.received


@pytest.mark.parametrize(
    ("kind", "scheme", "theirs_key"),
    [(DESFireKeyType.DF_KEY_AES, Scheme.EV1, bytes(16)), (DESFireKeyType.DF_KEY_2K3DES, Scheme.FACTORY, bytes(8))],
)
def test_the_key_in_use_is_changed_as_the_other_client_does(kind, scheme, theirs_key):
    theirs, mine = (Heard(scheme, bytes(16), SAME_KEY) for _ in range(2))
    client = other_client(kind, theirs_key, theirs)
    client.last_selected_application = None
    client.change_key(0, aes_key(bytes(16)), aes_key(NEW), 9)
    session = ours(mine, bytes(16))
    run(session.batch([change_key(session, AES_KEY, NEW, 9)]), mine.transmit)
    assert mine.frames == theirs.frames


def test_an_enciphered_read_asks_as_the_other_client_does():
    theirs, mine = (Heard(Scheme.EV1, OLD, OTHER_KEY) for _ in range(2))
    client = other_client(DESFireKeyType.DF_KEY_AES, OLD, theirs)
    settings = type("Settings", (), {"encryption": DESFireCommunicationMode.ENCRYPTED, "file_size": len(DATA)})
    assert bytes(client.read_file_data(3, settings)) == DATA
    assert run(ours(mine, OLD).batch([read_data(3, 0, len(DATA), Mode.FULL)]), mine.transmit) == [DATA]
    assert mine.frames == theirs.frames
