from dataclasses import replace

import pytest

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.command import Mode
from cards.desfire.commands import (
    AES_KEY,
    change_key,
    create_application,
    create_standard_file,
    select_application,
)
from cards.errors import (
    CardElsewhere,
    CardFull,
    CardTaken,
    ChipTooSmall,
    Counterfeit,
    ForeignCard,
    NoSuchKey,
    RecordDamaged,
    Unencodable,
    WrongProduct,
)
from cards.keys.chip import PICC
from cards.profile import personalise, update, verify
from cards.profile.layout import AID
from tests.cards.profile.table import BOTH, CONTENT, ELSEWHERE, ISSUER, OURS, RENEWED, UID, Count, blank, keys_for, play

ZERO = bytes(16)


def made(card, content=CONTENT, keyset=1, count=None):
    return play(personalise(content, keyset, OURS), card.process, count)


def standing(card):
    return play(verify(ISSUER, OURS), card.process)


def sent(card, scheme, number, key, *commands, first=()):
    """Commands in a session that a test begins itself; those that need the session are functions of it."""
    session, _ = play(authenticate(scheme, number, key, first=first), card.process)
    return play(session.batch([one(session) if callable(one) else one for one in commands]), card.process)


def with_master_key(card, key, version):
    sent(card, Scheme.FACTORY, 0, ZERO, lambda session: change_key(session, AES_KEY, key, version))
    return card


@pytest.mark.parametrize("version", BOTH)
def test_a_blank_card_is_made_in_43_apdus_and_verified_in_22(version):
    card, making, verifying = blank(version), Count(), Count()
    assert made(card, count=making).written
    finished = card.saved()
    again = made(card, count=verifying)
    assert (again.uid, again.keyset, again.quota, again.written) == (card.uid, 1, 40, False)
    assert card.saved() == finished
    # the newer scheme waits for the card's proof, and one of its answers is a frame longer
    assert (making.apdus, making.lists) == (43, 8 if version is BOTH[1] else 5)
    assert (verifying.apdus, verifying.lists) == ((23, 5) if version is BOTH[1] else (22, 4))


@pytest.mark.parametrize("version", BOTH)
def test_what_was_written_is_read_back(version):
    card = blank(version)
    made(card)
    found = standing(card)
    assert (found.header, found.credential) == (CONTENT.header(1), CONTENT.credential)
    assert (found.holder, found.entitlements, found.quota) == (CONTENT.holder, CONTENT.entitlements, 40)
    assert found.whole


def test_a_chip_of_two_kilobytes_is_large_enough():
    assert made(blank(storage=2048)).written


@pytest.mark.parametrize("version", BOTH)
def test_a_finished_card_is_brought_up_to_date_and_keeps_its_quota(version):
    card = blank(version)
    made(card)
    assert play(update(replace(RENEWED, quota=7), 1, OURS), card.process).quota == 40
    found = standing(card)
    assert (found.header, found.credential) == (RENEWED.header(1), RENEWED.credential)
    assert (found.entitlements, found.quota) == (RENEWED.entitlements, 40)


@pytest.mark.parametrize("version", BOTH)
def test_a_header_torn_in_the_middle_is_written_again_and_the_quota_stays(version):
    card = blank(version)
    made(card)
    picc = card.snapshot()
    ours = picc.application(AID)
    torn = ours.file(1).written(16, bytes(16))
    card.restore(picc.with_application(AID, ours.with_file(1, torn)))
    with pytest.raises(RecordDamaged):
        standing(card)
    assert play(update(replace(CONTENT, quota=7), 2, OURS), card.process).quota == CONTENT.quota
    found = standing(card)
    assert (found.header, found.quota, found.whole) == (CONTENT.header(2), CONTENT.quota, True)


@pytest.mark.parametrize("quota", [0, 7, 39, 41, 100_000])
def test_an_update_sets_the_quota_where_it_is_told_to(quota):
    card = blank()
    made(card)
    for _ in range(2):
        assert play(update(replace(CONTENT, quota=quota), 1, OURS, quota=True), card.process).quota == quota
        assert standing(card).quota == quota


def test_a_credential_that_was_minted_again_is_written_under_the_same_header():
    card, count = blank(), Count()
    made(card)
    again = replace(CONTENT, credential=CONTENT.credential[::-1], holder=replace(CONTENT.holder, companion=False))
    assert made(card, again, count=count).written
    assert standing(card).credential == again.credential
    assert count.apdus <= 31


def test_a_changed_holder_alone_needs_no_commit():
    card = blank()
    made(card)
    again = replace(CONTENT, holder=replace(CONTENT.holder, companion=False))
    assert made(card, again).written
    assert standing(card).holder == again.holder


def refused(card, error, content=CONTENT, keyset=1, run=personalise, **more):
    """Nothing on the card changes."""
    before = card.saved()
    with pytest.raises(error):
        play(run(content, keyset, OURS, **more), card.process)
    assert card.saved() == before


@pytest.mark.parametrize("version", BOTH)
def test_a_card_with_a_foreign_master_key_is_refused(version):
    for keyset in (1, 2, 200):
        refused(with_master_key(blank(version), bytes(range(16)), keyset), ForeignCard)


def test_a_factory_card_whose_master_key_is_not_zero_is_refused():
    refused(with_master_key(blank(), bytes(range(16)), 0), ForeignCard)


def test_a_card_of_another_municipality_is_refused_finished_or_not():
    card = blank()
    steps = personalise(replace(CONTENT, issuer=ELSEWHERE), 1, keys_for(ELSEWHERE))
    states = []
    play(steps, lambda apdu: (card.process(apdu), states.append(card.snapshot()))[0])
    refused(card, CardElsewhere)
    for state in states[10:-1]:
        card.restore(state)
        refused(card, (ForeignCard, Counterfeit))


@pytest.mark.parametrize("version", BOTH)
def test_a_card_that_copies_our_content_without_our_keys_is_a_counterfeit(version):
    card = blank(version)
    forged = keys_for(ISSUER + 1)
    play(personalise(CONTENT, 1, forged), card.process)
    refused(card, Counterfeit)
    refused(card, Counterfeit, RENEWED)
    with pytest.raises(Counterfeit):
        standing(card)


def test_a_fake_with_our_application_and_zero_keys_learns_no_key():
    card = with_master_key(blank(), bytes(range(16)), 1)
    sent(card, Scheme.EV1, 0, bytes(range(16)), create_application(AID, 0x0B, 0x86))
    refused(card, Counterfeit)
    bare = blank()
    sent(bare, Scheme.FACTORY, 0, ZERO, create_application(AID, 0x0B, 0x86))
    refused(bare, ForeignCard)


def test_a_card_made_for_somebody_else_is_refused():
    card = blank()
    made(card, replace(CONTENT, number="2B2B2B2B2B2B2B2B"))
    refused(card, CardTaken)
    refused(card, CardTaken, run=update)


def test_a_chip_that_is_too_small_is_refused():
    for storage in (512, 1024):
        refused(blank(storage=storage), ChipTooSmall)


@pytest.mark.parametrize("version", BOTH)
def test_a_full_chip_is_refused(version):
    card = blank(version, storage=2048)
    sent(card, Scheme.FACTORY, 0, ZERO, create_application(b"abc", 0x0F, 1))
    play(
        authenticate(
            Scheme.FACTORY,
            0,
            ZERO,
            first=[select_application(b"abc")],
            then=[create_standard_file(1, Mode.PLAIN, 0xEEEE, 1024)],
        ),
        card.process,
    )
    refused(card, CardFull)


def test_an_update_does_not_make_a_card():
    refused(blank(), ForeignCard, run=update)


def test_a_key_set_that_was_never_here_is_refused():
    card = blank()
    play(personalise(CONTENT, 1, OURS), card.process)

    def only_the_second(uid):
        def key(slot, keyset):
            if keyset != 2:
                raise NoSuchKey(f"{keyset}")
            return OURS(uid)(slot, keyset)

        return key

    before = card.saved()
    with pytest.raises(ForeignCard):
        play(personalise(CONTENT, 2, only_the_second), card.process)
    assert card.saved() == before


@pytest.mark.parametrize("answer", ["", "6d00", "6e00", "911c", "9000", "9100", "0401010100160591af"])
def test_another_product_is_refused(answer):
    with pytest.raises(WrongProduct):
        play(personalise(CONTENT, 1, OURS), lambda apdu: bytes.fromhex(answer))


def test_what_cannot_be_written_is_refused_before_the_card_is_touched():
    touched = []
    with pytest.raises(Unencodable):
        play(personalise(replace(CONTENT, quota=-1), 1, OURS), touched.append)
    assert not touched


def test_a_chain_that_another_program_left_open_does_no_harm():
    card = blank()
    assert card.process(bytes.fromhex("9060000000"))[-1:] == b"\xaf"
    assert made(card).written
    assert card.process(bytes.fromhex("9060000000"))[-1:] == b"\xaf"
    assert not made(card).written


def test_keys_of_the_chip_itself_and_of_each_slot_differ():
    keys = OURS(UID)
    assert len({keys(slot, keyset) for slot in (PICC, *range(6)) for keyset in (1, 2)}) == 14
