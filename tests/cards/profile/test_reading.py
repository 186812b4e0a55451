from contextlib import suppress
from dataclasses import replace
from itertools import cycle, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire.authenticate import Scheme
from cards.errors import AuthenticationFailed, CardsError, Counterfeit, ForeignCard, RecordDamaged, UnexpectedAnswer
from cards.profile import (
    newest_record,
    personalise,
    read_holder,
    read_keyed,
    read_keyset,
    read_public,
    retire,
    rotate,
    validate,
    verify,
)
from cards.profile.layout import HOLDER, READ, UPDATE, USE
from tests.cards.profile.table import BOTH, CONTENT, EVENT, ISSUER, OURS, UID, Count, blank, play

VERSIONS = pytest.mark.parametrize("version", BOTH)
KEYS = OURS(UID)


@pytest.fixture(params=BOTH)
def card(request):
    made = blank(request.param)
    play(personalise(CONTENT, 1, OURS), made.process)
    return made


def test_anyone_reads_uid_header_and_credential_in_7_apdus(card):
    count = Count()
    found = play(read_public(), card.process, count)
    assert (found.uid, found.header, found.credential) == (UID, CONTENT.header(1), CONTENT.credential)
    assert (count.apdus, count.lists) == (7, 1)


def test_a_terminal_with_the_read_key_reads_entitlements_in_5_apdus(card):
    count = Count()
    assert play(read_keyed(KEYS(READ, 1)), card.process, count) == CONTENT.entitlements
    assert (count.apdus, count.lists) == (5, 2)


def test_the_chip_tells_the_key_set_of_its_read_key_while_the_header_still_names_the_old_one(card):
    card.cut(before=30)
    with suppress(CardsError):
        play(rotate(ISSUER, 3, OURS), card.process)
    card.power_on()
    count = Count()
    assert play(read_public(), card.process).header.keyset == 1
    assert play(read_keyset(), card.process, count) == 3
    assert count.apdus == 1


def test_the_newer_scheme_reads_the_same_from_a_newer_chip():
    made = blank(BOTH[1])
    play(personalise(CONTENT, 1, OURS), made.process)
    assert play(read_keyed(KEYS(READ, 1), scheme=Scheme.EV2), made.process) == CONTENT.entitlements


def test_the_holder_key_opens_the_holder_and_no_other_key_does(card):
    assert play(read_holder(KEYS(HOLDER, 1)), card.process) == CONTENT.holder
    for slot in (READ, USE, UPDATE):
        with pytest.raises(Counterfeit):
            play(read_holder(KEYS(slot, 1)), card.process)


def test_a_chip_without_the_key_is_a_counterfeit(card):
    with pytest.raises(Counterfeit):
        play(read_keyed(KEYS(READ, 2)), card.process)
    with pytest.raises(Counterfeit):
        play(read_keyed(), card.process)


def test_the_next_key_set_is_tried_as_well(card):
    play(rotate(ISSUER, 2, OURS), card.process)
    assert play(read_keyed(KEYS(READ, 1), KEYS(READ, 2)), card.process) == CONTENT.entitlements


@VERSIONS
def test_a_card_that_is_not_ours_says_so(version):
    for look in (
        read_public(),
        read_keyed(KEYS(READ, 1)),
        newest_record(KEYS(READ, 1)),
        validate(KEYS(USE, 1), 1, EVENT),
    ):
        with pytest.raises(ForeignCard):
            play(look, blank(version).process)


def test_an_unfinished_card_is_not_read():
    made, states = blank(), []
    play(personalise(CONTENT, 1, OURS), lambda apdu: (states.append(made.snapshot()), made.process(apdu))[1])
    made.restore(states[-1])
    with pytest.raises(RecordDamaged):
        play(read_public(), made.process)


def test_the_reader_has_to_know_the_uid(card):
    def without_uid(apdu: bytes) -> bytes:
        return b"\x6a\x81" if apdu[0] == 0xFF else card.process(apdu)

    with pytest.raises(UnexpectedAnswer):
        play(read_public(), without_uid)


CHANGES = (
    lambda answer: b"",
    lambda answer: answer[:-1],
    lambda answer: b"\xff" + answer[1:],
    lambda answer: answer[:-1] + b"\x77",
    lambda answer: answer[:-1] + b"\xae",
)


def test_no_answer_surprises_a_procedure(card):
    """Every answer of a card is changed in turn: only errors of ours come out, and the card can be finished."""
    finished, changed = card.snapshot(), replace(CONTENT, generation=2)
    for procedure in (
        read_public,
        lambda: read_keyed(KEYS(READ, 1)),
        lambda: validate(KEYS(USE, 1), 1, EVENT),
        lambda: personalise(changed, 1, OURS),
    ):
        card.restore(finished)
        count = Count()
        play(procedure(), card.process, count)
        for spoilt, change in product(range(count.apdus), CHANGES):
            card.restore(finished)
            with suppress(CardsError):
                play(procedure(), spoiler(card.process, spoilt, change))
            assert play(personalise(changed, 1, OURS), card.process).quota in (39, 40)


ANSWERS = st.one_of(
    st.binary(max_size=70),
    st.builds(
        lambda data, status: data + bytes((0x91, status)),
        st.binary(max_size=60),
        st.sampled_from([0x00, 0x0C, 0x0E, 0x1C, 0x1E, 0x7E, 0xA0, 0xAE, 0xAF, 0xBE, 0xCA, 0xDE, 0xF0, 0xF1, 0x55]),
    ),
)


@given(st.lists(ANSWERS, min_size=1, max_size=12))
def test_no_bytes_from_a_reader_surprise_a_procedure(answers):
    for procedure in (
        read_public(),
        read_keyed(KEYS(READ, 1)),
        validate(KEYS(USE, 1), 1, EVENT),
        personalise(CONTENT, 1, OURS),
        rotate(ISSUER, 2, OURS),
        retire(ISSUER, OURS),
        verify(ISSUER, OURS),
    ):
        coming = cycle(answers)
        with pytest.raises(CardsError):
            play(procedure, lambda apdu, coming=coming: next(coming))


def spoiler(process, spoilt, change):
    number = -1

    def transmit(apdu: bytes) -> bytes:
        nonlocal number
        number += 1
        answer = process(apdu)
        return change(answer) if number == spoilt else answer

    return transmit


def test_a_key_that_is_not_the_chips_does_not_debit(card):
    before = card.saved()
    with pytest.raises(AuthenticationFailed):
        play(validate(KEYS(READ, 1), 1, EVENT), card.process)
    assert card.saved() == before
