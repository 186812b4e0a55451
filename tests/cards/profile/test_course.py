import pytest

from cards.desfire.status import Status
from cards.errors import (
    AuthenticationFailed,
    CardDamaged,
    CardFull,
    CardRefused,
    CardSwapped,
    Counterfeit,
    ForeignCard,
    MacMismatch,
    UnexpectedAnswer,
    WrongProduct,
)
from cards.profile.course import Subject, persistent
from tests.cards.profile.table import OTHER_UID, UID, play


def failing(fault: Exception, times: int, *, ours: bool = False):
    """Attempts of which the first `times` fail; how many there were is the result."""
    tried = 0

    def attempt(subject: Subject):
        nonlocal tried
        tried += 1
        subject.ours = ours
        if tried <= times:
            raise fault
        return tried
        yield

    return attempt, lambda: tried


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        *((CardRefused(status), 2) for status in (Status.NO_CHANGES, Status.COMMAND_ABORTED, Status.DUPLICATE)),
        *((CardRefused(status), 2) for status in (Status.FILE_NOT_FOUND, Status.APPLICATION_NOT_FOUND)),
        *((CardRefused(status), 1) for status in (Status.INTEGRITY_ERROR, Status.AUTHENTICATION_ERROR)),
        (CardRefused(Status.ILLEGAL_COMMAND), 1),
        (AuthenticationFailed(), 1),
        (MacMismatch(), 1),
        (UnexpectedAnswer(), 1),
    ],
)
def test_what_may_pass_is_tried_again_so_often_and_no_oftener(fault, times):
    attempt, _ = failing(fault, times)
    assert play(persistent(attempt, None), None) == times + 1
    attempt, tried = failing(fault, times + 1)
    with pytest.raises(Exception):  # noqa: B017
        play(persistent(attempt, None), None)
    assert tried() == times + 1


@pytest.mark.parametrize(
    ("status", "error", "attempts"),
    [
        (Status.OUT_OF_MEMORY, CardFull, 1),
        (Status.ILLEGAL_COMMAND, WrongProduct, 2),
        (Status.PERMISSION_DENIED, WrongProduct, 2),
        (Status.NO_SUCH_KEY, WrongProduct, 2),
        (Status.INTEGRITY_ERROR, CardDamaged, 2),
        (Status.EEPROM_ERROR, CardDamaged, 1),
        (Status.FILE_INTEGRITY, CardDamaged, 1),
        (Status.APPLICATION_INTEGRITY, CardDamaged, 1),
        (Status.PICC_INTEGRITY, CardDamaged, 1),
        (Status.PICC_DISABLED, CardDamaged, 1),
        (Status.LENGTH_ERROR, CardRefused, 1),
        (Status.PARAMETER_ERROR, CardRefused, 1),
        (Status.AUTHENTICATION_DELAY, CardRefused, 1),
        (Status.BOUNDARY_ERROR, CardRefused, 1),
        (Status.COMMAND_ABORTED, CardRefused, 3),
        (Status.AUTHENTICATION_ERROR, ForeignCard, 2),
    ],
)
def test_each_status_comes_to_its_own_end(status, error, attempts):
    attempt, tried = failing(CardRefused(status), 9)
    with pytest.raises(error):
        play(persistent(attempt, None), None)
    assert tried() == attempts


@pytest.mark.parametrize("fault", [AuthenticationFailed(), CardRefused(Status.AUTHENTICATION_ERROR)])
def test_a_card_without_our_keys_is_foreign_or_where_it_shows_our_application_a_counterfeit(fault):
    for ours, error in ((False, ForeignCard), (True, Counterfeit)):
        attempt, _ = failing(fault, 9, ours=ours)
        with pytest.raises(error):
            play(persistent(attempt, None), None)


def test_a_subject_is_one_chip():
    subject = Subject(None)
    subject.hold(UID)
    subject.hold(UID)
    with pytest.raises(CardSwapped):
        subject.hold(OTHER_UID)
    with pytest.raises(CardSwapped):
        Subject(UID).hold(OTHER_UID)
