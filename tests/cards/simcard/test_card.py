from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.commands import select_application
from cards.desfire.frames import wrap
from cards.desfire.procedure import run
from cards.errors import CardFault, CardGone, PowerLost, SavedCardUnreadable
from cards.simcard import Version, VirtualCard
from tests.cards.simcard.raw import AID, UID, done, little, span, told, with_files

VERSION = wrap(0x60)
GET_UID = bytes.fromhex("ffca000000")
COMMANDS = bytes.fromhex("455154 5a5c60646a6d6ec4cadafc5f616fc0c1cbcccddff50c1c3b3d6ca7bbbdc7dceb0a1aaa7177af")


@given(st.lists(st.binary(max_size=70), max_size=8), st.sampled_from(Version))
def test_any_bytes_get_an_answer(apdus, version):
    card = VirtualCard(UID, version=version)
    for apdu in apdus:
        assert len(card.process(apdu)) >= 2


@given(
    st.lists(st.tuples(st.sampled_from(COMMANDS), st.binary(max_size=59)), max_size=30),
    st.sampled_from([Version.EV1, Version.EV2]),
)
def test_any_payload_of_any_command_gets_a_status(commands, version):
    card = with_files(VirtualCard(UID, version=version))
    for code, payload in commands:
        assert card.process(wrap(code, payload))[-2] == 0x91
    assert VirtualCard.load(card.saved()).saved() == card.saved()


@given(
    st.lists(st.tuples(st.sampled_from(COMMANDS), st.binary(max_size=59)), max_size=8),
    st.sampled_from(Scheme),
)
def test_any_payload_inside_a_session_gets_a_status(commands, scheme):
    card = with_files(VirtualCard(UID, version=Version.EV2))
    for code, payload in commands:
        opening = [] if scheme is Scheme.FACTORY else [select_application(AID)]
        if scheme is Scheme.FACTORY:
            card.process(wrap(0x5A, bytes(3)))
        # the key and the application may be gone by now: then there is no session, and none is needed
        with suppress(CardFault):
            run(authenticate(scheme, 0, bytes(16), first=opening), card.process)
        assert card.process(wrap(code, payload))[-2] == 0x91


def test_the_reader_tells_the_uid_and_nothing_else():
    card = VirtualCard(UID)
    assert card.process(GET_UID) == UID + b"\x90\x00"
    assert card.process(bytes.fromhex("ff00000000")) == b"\x6d\x00"


@pytest.mark.parametrize(
    ("apdu", "status"),
    [
        ("00a4040007d276000085010000", "9000"),
        ("00a4040007d2760000850101", "6a82"),
        ("00a40400", "6a86"),
        ("00a4040007d2", "6a86"),
        ("00a40000023f00", "6a86"),
        ("00b0000000", "6d00"),
        ("80600000", "6e00"),
        ("9060", "6700"),
        ("90600000", "917e"),
        ("9060010000", "917e"),
        ("906000000100", "917e"),
        ("9060000002aa00", "917e"),
        ("90ff000000", "911c"),
        ("90af000000", "911c"),
    ],
)
def test_other_commands_get_their_status_word(apdu, status):
    assert VirtualCard(UID).process(bytes.fromhex(apdu)).hex() == status


def test_an_application_is_selected_by_its_iso_name():
    card = VirtualCard(UID)
    done(card, 0xCA, AID + b"\x0f\x21" + b"\x10\xe1" + b"AMIS")
    assert card.process(b"\x00\xa4\x04\x00\x04AMIS\x00") == b"\x90\x00"
    assert done(card, 0x6F) == b""


@pytest.mark.parametrize(("storage", "byte", "free"), [(2048, 0x16, 2304), (4096, 0x18, 4864), (8192, 0x1A, 7936)])
def test_a_chip_tells_its_size_and_its_free_memory(storage, byte, free):
    card = VirtualCard(UID, storage=storage)
    assert done(card, 0x60)[5] == byte
    assert int.from_bytes(done(card, 0x6E), "little") == free


def test_a_chain_that_is_broken_off_is_aborted_and_not_carried_out():
    card = VirtualCard(UID)
    assert card.process(VERSION)[-2:] == b"\x91\xaf"
    assert card.process(wrap(0xCA, AID + b"\x0f\x81")) == b"\x91\xca"
    assert done(card, 0x6A) == b""


def test_a_frame_too_many_is_refused():
    card = with_files(VirtualCard(UID))
    assert card.process(wrap(0x3D, span(1, 0, 40) + bytes(41))) == b"\x91\x7e"
    assert card.process(wrap(0x3D, span(1, 0, 40) + bytes(30)))[-2:] == b"\x91\xaf"
    assert card.process(wrap(0xAF, bytes(11))) == b"\x91\x7e"
    assert done(card, 0xBD, span(1, 0, 0)) == bytes(40)


def test_a_request_for_the_next_frame_carries_nothing():
    card = VirtualCard(UID)
    card.process(VERSION)
    assert card.process(wrap(0xAF, b"\0")) == b"\x91\x7e"


@pytest.mark.parametrize(("code", "payload"), [(0xC4, bytes(33)), (0x54, bytes(8)), (0x5C, bytes(17)), (0x51, b"")])
def test_what_travels_enciphered_needs_a_session(code, payload):
    assert VirtualCard(UID).process(wrap(code, payload)) == b"\x91\xae"


@pytest.mark.parametrize("code", [0x6F, 0xF5, 0xBD, 0xC0, 0x61])
def test_file_commands_need_an_application(code):
    card = VirtualCard(UID)
    assert told(card, code, bytes(17))[0].name == "PERMISSION_DENIED"


def test_power_goes_before_or_after_the_nth_command():
    card = VirtualCard(UID)
    card.cut(before=2)
    card.process(VERSION)
    card.process(GET_UID)
    with pytest.raises(PowerLost):
        card.process(wrap(0xAF))
    with pytest.raises(CardGone):
        card.process(VERSION)
    card.power_on()
    assert card.process(wrap(0xAF)) == b"\x91\x1c"
    card.cut(after=1)
    with pytest.raises(PowerLost):
        card.process(wrap(0xCA, AID + b"\x0f\x81"))
    card.power_on()
    assert done(card, 0x6A) == AID


def test_a_cut_is_taken_back():
    card = VirtualCard(UID)
    card.cut(before=1)
    card.cut()
    assert len(done(card, 0x60)) == 28


def test_power_off_forgets_what_was_not_committed_in_any_application():
    card = with_files(VirtualCard(UID))
    done(card, 0xDC, b"\x03" + little(10, 4))
    card.power_off()
    card.power_on()
    done(card, 0x5A, AID)
    assert done(card, 0x6C, b"\x03") == little(50, 4)
    assert told(card, 0xC7)[0].name == "NO_CHANGES"


def test_a_random_uid_changes_with_every_power_on():
    card = VirtualCard(UID)
    picc = VirtualCard(UID).snapshot()
    assert not picc.random_uid
    card.restore(replace(picc, random_uid=True))
    first = card.process(GET_UID)
    card.power_on()
    second = card.process(GET_UID)
    assert (first[0], len(first), first != second) == (8, 6, True)
    assert done(card, 0x60)[14:21] == bytes(7)


@given(st.binary(max_size=60))
def test_what_is_no_saved_card_is_refused(data):
    with pytest.raises(SavedCardUnreadable):
        VirtualCard.load(data)
