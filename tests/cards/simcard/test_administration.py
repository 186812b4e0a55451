import pytest

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.commands import delete_application, format_picc, select_application, set_configuration
from cards.desfire.procedure import run
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard import VirtualCard
from tests.cards.simcard.raw import AID, OTHER, UID, done, little, told, with_files

FREE = b"\xee\xee"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (AID + b"\x0f\x8f", Status.PARAMETER_ERROR),
        (AID + b"\x0f\xc1", Status.PARAMETER_ERROR),
        (AID + b"\x0f\x81\x10", Status.PARAMETER_ERROR),
        (AID + b"\x0f\x81\x10\xe1" + bytes(17), Status.PARAMETER_ERROR),
        (bytes(3) + b"\x0f\x81", Status.PARAMETER_ERROR),
        (AID + b"\x0f", Status.LENGTH_ERROR),
        (AID + b"\x0f\x8e", Status.OK),
        (AID + b"\x0f\x00", Status.OK),
    ],
)
def test_an_application_has_at_most_fourteen_keys_of_one_known_kind(payload, expected):
    assert told(VirtualCard(UID), 0xCA, payload)[0] is expected


def test_an_application_is_removed_with_the_master_key_only():
    card = with_files(VirtualCard(UID))
    assert told(card, 0xDA, AID)[0] is Status.AUTHENTICATION_ERROR
    done(card, 0x5A, AID)
    assert told(card, 0xDA, OTHER)[0] is Status.APPLICATION_NOT_FOUND
    done(card, 0x5A, bytes(3))
    done(card, 0xCA, OTHER + b"\x0f\x81")
    keyed, _ = run(authenticate(Scheme.EV1, 0, bytes(16), first=[select_application(OTHER)]), card.process)
    with pytest.raises(CardRefused) as refusal:
        run(keyed.batch([delete_application(AID)]), card.process)
    assert refusal.value.status is Status.PERMISSION_DENIED
    keyed, _ = run(authenticate(Scheme.FACTORY, 0, bytes(16), first=[select_application(bytes(3))]), card.process)
    run(keyed.batch([delete_application(AID)]), card.process)
    assert done(card, 0x5A, bytes(3)) == b""
    assert done(card, 0x6A) == OTHER


def test_formatting_brings_back_memory_until_it_is_forbidden():
    card = with_files(VirtualCard(UID))
    assert told(card, 0xFC)[0] is Status.PERMISSION_DENIED
    done(card, 0x5A, bytes(3))
    assert told(card, 0xFC)[0] is Status.AUTHENTICATION_ERROR
    keyed, _ = run(authenticate(Scheme.FACTORY, 0, bytes(16)), card.process)
    run(keyed.batch([format_picc()]), card.process)
    assert (card.snapshot().aids, card.snapshot().used) == ([], 0)
    run(keyed.batch([set_configuration(0, b"\x01")]), card.process)
    with pytest.raises(CardRefused) as refusal:
        run(keyed.batch([format_picc()]), card.process)
    assert refusal.value.status is Status.PERMISSION_DENIED


@pytest.mark.parametrize("code", [0xCA, 0xFC, 0x6A, 0x6D, 0x5C])
def test_chip_commands_are_refused_inside_an_application(code):
    card = with_files(VirtualCard(UID))
    run(authenticate(Scheme.EV1, 0, bytes(16), first=[select_application(AID)]), card.process)
    status, _ = told(card, code, b"" if code in (0xFC, 0x6A, 0x6D) else OTHER + b"\x0f\x81")
    assert status in (Status.PERMISSION_DENIED, Status.PARAMETER_ERROR)


@pytest.mark.parametrize(
    ("code", "payload", "expected"),
    [
        (0xCD, b"\x20\x00" + FREE + little(32, 3), Status.PARAMETER_ERROR),
        (0xCD, b"\x06\x04" + FREE + little(32, 3), Status.PARAMETER_ERROR),
        (0xCD, b"\x06\x00\x11\x11" + little(32, 3), Status.PARAMETER_ERROR),
        (0xCD, b"\x06\x00" + FREE + little(0, 3), Status.PARAMETER_ERROR),
        (0xCD, b"\x06\x00" + FREE + little(32, 3) + b"\0\0", Status.LENGTH_ERROR),
        (0xCD, b"\x06\x00" + FREE + little(1 << 20, 3), Status.OUT_OF_MEMORY),
        (0xC0, b"\x06\x00" + FREE + little(8, 3) + little(1, 3), Status.PARAMETER_ERROR),
        (0xCC, b"\x06\x00" + FREE + little(5, 4) + little(9, 4) + little(4, 4) + b"\0", Status.PARAMETER_ERROR),
        (0xCC, b"\x06\x00" + FREE + little(5, 4) + little(9, 4) + little(9, 4) + b"\x04", Status.PARAMETER_ERROR),
        (0xCD, b"\x01\x00" + FREE + little(32, 3), Status.DUPLICATE),
        (0xCD, b"\x1f\x02" + FREE + little(32, 3), Status.OK),
    ],
)
def test_a_file_is_made_with_sensible_parameters_only(code, payload, expected):
    assert told(with_files(VirtualCard(UID)), code, payload)[0] is expected


def test_clearing_records_needs_the_right_to_read_and_write():
    card = with_files(VirtualCard(UID))
    done(card, 0xC1, b"\x06\x00\x0e\xee" + little(8, 3) + little(3, 3))
    done(card, 0x3B, b"\x06" + little(0, 3) + little(8, 3) + bytes(8))
    done(card, 0xC7)
    assert told(card, 0xEB, b"\x06")[0] is Status.AUTHENTICATION_ERROR


def test_a_removed_file_leaves_nothing_to_commit():
    card = with_files(VirtualCard(UID))
    done(card, 0xDC, b"\x03" + little(1, 4))
    done(card, 0xDF, b"\x03")
    assert told(card, 0xC7)[0] is Status.NO_CHANGES
