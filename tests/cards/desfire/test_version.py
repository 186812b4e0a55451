import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire.authenticate import Scheme
from cards.desfire.procedure import run
from cards.desfire.version import get_version
from cards.errors import CardsError, WrongProduct
from tests.cards.desfire.peer import replay

SOFTWARE = "04010101041805"
PRODUCTION = "04782e21801d80ba6500000011061119"[: 14 * 2]


def chip(hardware: str):
    return run(
        get_version(),
        replay(
            ("9060000000", hardware + "91af"), ("90af000000", SOFTWARE + "91af"), ("90af000000", PRODUCTION + "9100")
        ),
    )


def test_an_ev1_chip_tells_its_uid_and_size():
    version = chip("04010101001805")
    assert version.uid.hex() == "04782e21801d80"
    assert version.storage == 4096
    assert version.scheme is Scheme.EV1
    assert version.software.hex() == SOFTWARE


@pytest.mark.parametrize(("code", "size"), [("16", 2048), ("18", 4096), ("1a", 8192)])
def test_the_size_is_a_power_of_two(code, size):
    assert chip(f"0401010100{code}05").storage == size


@pytest.mark.parametrize("hardware", ["04010112001805", "04010133001805"])
def test_ev2_and_ev3_chips_know_the_newer_authentication(hardware):
    version = chip(hardware)
    assert version.is_ev2
    assert version.scheme is Scheme.EV2
    assert version.hardware.hex() == hardware


@pytest.mark.parametrize("hardware", ["04010100021805", "05010101001805", "04080130001305"])
def test_a_first_desfire_and_other_chips_are_the_wrong_product(hardware):
    with pytest.raises(WrongProduct, match=rf"\({hardware}\)"):
        chip(hardware)


def test_a_version_of_another_length_is_the_wrong_product():
    with pytest.raises(WrongProduct, match=r"\(version\)"):
        chip("040101010018")


@pytest.mark.parametrize(
    ("answer", "detail"), [("6d00", "6d00"), ("911c", "ILLEGAL_COMMAND 1C"), ("", "nothing"), ("9100", "version")]
)
def test_a_card_without_the_command_is_the_wrong_product(answer, detail):
    with pytest.raises(WrongProduct, match=rf"\({detail}\)"):
        run(get_version(), lambda _apdu: bytes.fromhex(answer))


@given(st.lists(st.binary(max_size=16).map(lambda data: data + b"\x91\xaf") | st.binary(max_size=16), max_size=3))
def test_any_answers_are_a_chip_or_a_clear_refusal(answers):
    procedure = get_version()
    next(procedure)
    with pytest.raises((StopIteration, CardsError)):
        procedure.send(answers)
