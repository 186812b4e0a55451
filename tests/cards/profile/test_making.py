import pytest

from cards.errors import ForeignCard, KeyModuleUnavailable, NoSuchKey, WrongKeyUse
from cards.keys.chip import PICC
from cards.profile import personalise
from cards.profile.layout import FACTORY
from cards.profile.making import Target
from tests.cards.profile.table import BOTH, CONTENT, OURS, UID, blank, play

CHANGE_SETTINGS, CREATE_APPLICATION, CHANGE_KEY, WRITE, COMMIT = 0x54, 0xCA, 0xC4, 0x3D, 0xC7
STANDARD, BACKUP, VALUE, CYCLIC = 0xCD, 0xCB, 0xCC, 0xC0
STEPS = [
    CHANGE_KEY,
    CHANGE_SETTINGS,
    CREATE_APPLICATION,
    *(STANDARD, BACKUP, STANDARD, BACKUP, VALUE, CYCLIC),
    *[CHANGE_KEY] * 6,
    *[WRITE] * 3,
    COMMIT,
    WRITE,
]


def steps(card) -> tuple[list[int], list]:
    """The steps that personalising takes, and the card as it is before each."""
    codes, states = [], []

    def transmit(apdu: bytes) -> bytes:
        if apdu[1] in STEPS:
            codes.append(apdu[1])
            states.append(card.snapshot())
        return card.process(apdu)

    play(personalise(CONTENT, 1, OURS), transmit)
    return codes, states


@pytest.mark.parametrize("version", BOTH)
def test_the_steps_have_one_order(version):
    assert steps(blank(version))[0] == STEPS


@pytest.mark.parametrize("version", BOTH)
def test_an_unfinished_card_is_gone_on_with_from_the_first_step_that_is_missing(version):
    card = blank(version)
    _, states = steps(card)
    for done, state in enumerate(states):
        card.restore(state)
        codes, _ = steps(card)
        # data is written as a whole until the header stands
        assert codes == STEPS[min(done, STEPS.index(WRITE)) :]


def test_a_key_of_the_factory_is_zero_and_a_key_set_unknown_here_makes_a_foreign_card():
    target = Target(2, OURS(UID))
    assert target.old_key(PICC, FACTORY) == bytes(16)
    assert target.old_key(PICC, 2) == target.key(PICC) != target.old_key(PICC, 1)

    def nothing(slot: int, keyset: int) -> bytes:
        raise NoSuchKey

    with pytest.raises(ForeignCard):
        Target(2, nothing).old_key(PICC, 1)
    with pytest.raises(NoSuchKey):
        Target(2, nothing).key(PICC)


@pytest.mark.parametrize(("fault", "told"), [(WrongKeyUse, ForeignCard), (KeyModuleUnavailable, KeyModuleUnavailable)])
def test_a_key_store_that_fails_is_not_the_cards_fault(fault, told):
    def failing(slot: int, keyset: int) -> bytes:
        raise fault

    with pytest.raises(told):
        Target(2, failing).old_key(PICC, 1)
