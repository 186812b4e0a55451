import pytest

from cards.desfire.status import Status
from cards.simcard import VirtualCard
from tests.cards.simcard.raw import AID, UID, done, little, told

CREDIT, DEBIT, GIVE_BACK, READ, COMMIT = 0x0C, 0xDC, 0x1C, 0x6C, 0xC7


def card_with(flags: int = 1, rights: bytes = b"\xee\xee") -> VirtualCard:
    """A value of 50 between 0 and 100."""
    card = VirtualCard(UID)
    done(card, 0xCA, AID + b"\x0f\x81")
    done(card, 0x5A, AID)
    done(card, 0xCC, b"\x01\x00" + rights + little(0, 4) + little(100, 4) + little(50, 4) + bytes((flags,)))
    return card


def change(card: VirtualCard, code: int, amount: int) -> Status:
    return told(card, code, b"\x01" + little(amount, 4))[0]


@pytest.mark.parametrize(("code", "most"), [(CREDIT, 50), (DEBIT, 50)])
def test_a_value_reaches_its_limits_and_does_not_pass_them(code, most):
    assert change(card_with(), code, most) is Status.OK
    assert change(card_with(), code, most + 1) is Status.BOUNDARY_ERROR
    assert change(card_with(), code, -1) is Status.PARAMETER_ERROR


def test_what_was_debited_is_given_back_once_and_no_more():
    card = card_with()
    assert change(card, GIVE_BACK, 1) is Status.BOUNDARY_ERROR
    change(card, DEBIT, 20)
    done(card, COMMIT)
    assert change(card, GIVE_BACK, 21) is Status.BOUNDARY_ERROR
    assert change(card, GIVE_BACK, 20) is Status.OK
    assert change(card, GIVE_BACK, 1) is Status.BOUNDARY_ERROR
    assert change(card, GIVE_BACK, 5) is Status.OK
    done(card, COMMIT)
    assert done(card, READ, b"\x01") == little(35, 4)


def test_nothing_is_given_back_where_the_file_does_not_allow_it():
    card = card_with(flags=0)
    change(card, DEBIT, 20)
    done(card, COMMIT)
    assert change(card, GIVE_BACK, 1) is Status.PERMISSION_DENIED


def test_a_value_may_be_read_by_everybody_where_the_file_says_so():
    assert told(card_with(0, b"\x00\x00"), READ, b"\x01")[0] is Status.AUTHENTICATION_ERROR
    assert done(card_with(2, b"\x00\x00"), READ, b"\x01") == little(50, 4)
    assert change(card_with(2, b"\x00\x00"), DEBIT, 1) is Status.AUTHENTICATION_ERROR
