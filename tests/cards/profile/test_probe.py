import pytest

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.commands import create_application, set_configuration
from cards.errors import CardSwapped, ChipTooSmall, ForeignCard
from cards.profile import personalise
from cards.profile.course import Subject
from cards.profile.layout import AID, FACTORY
from cards.profile.probe import NOTHING, Application, decoded, inventory, look, look_closer
from tests.cards.profile.table import BOTH, CONTENT, OTHER_UID, OURS, UID, Count, blank, play

VERSIONS = pytest.mark.parametrize("version", BOTH)


def looked(card, subject=None, count=None):
    return play(look(subject or Subject(None), []), card.process, count)


@VERSIONS
def test_a_blank_card_shows_that_it_is_one_and_its_session_has_begun(version):
    card, count = blank(version), Count()
    before = card.saved()
    chip, opened = looked(card, count=count)
    assert (chip.uid, chip.keyset, chip.ours, chip.applications) == (UID, FACTORY, False, frozenset())
    assert chip.free == card.snapshot().free
    assert chip.scheme is (Scheme.EV2 if version is BOTH[1] else Scheme.EV1)
    assert (count.apdus, count.lists) == (8, 1)
    session, _ = play(opened, card.process)
    assert session.key_number == 0
    assert card.saved() == before


@VERSIONS
def test_a_finished_card_shows_its_key_sets_files_and_header(version):
    card, subject = blank(version), Subject(None)
    play(personalise(CONTENT, 3, OURS), card.process)
    chip, opened = looked(card, subject)
    assert (chip.keyset, chip.ours, opened, subject.ours, subject.uid) == (3, True, None, True, UID)
    header, first = play(look_closer(), card.process)
    assert (decoded(header), first) == (CONTENT.header(3), 3)
    found = play(inventory(header), card.process)
    assert found == Application((3,) * 6, frozenset(range(1, 7)), CONTENT.header(3))


def test_an_application_without_files_is_an_empty_one():
    card = blank()
    play(
        authenticate(Scheme.FACTORY, 0, bytes(16), then=[create_application(AID, 0x0B, 0x86)]),
        card.process,
    )
    assert play(look_closer(), card.process) == (None, FACTORY)
    assert play(inventory(None), card.process) == NOTHING


def test_our_application_on_a_chip_with_the_factory_key_is_not_ours():
    card = blank()
    play(authenticate(Scheme.FACTORY, 0, bytes(16), then=[create_application(AID, 0x0B, 0x86)]), card.process)
    with pytest.raises(ForeignCard):
        looked(card)


def test_another_chip_or_one_too_small_is_refused():
    with pytest.raises(CardSwapped):
        looked(blank(), Subject(OTHER_UID))
    with pytest.raises(ChipTooSmall):
        looked(blank(storage=1024))


@VERSIONS
def test_a_chip_that_hides_its_number_is_foreign(version):
    card = blank(version)
    hide = set_configuration(0, b"\x02")
    play(authenticate(Scheme.FACTORY, 0, bytes(16), then=[hide]), card.process)
    card.power_on()
    with pytest.raises(ForeignCard, match="hidden"):
        looked(card)


def test_a_crowded_card_is_foreign():
    card = blank(storage=8192)
    made = [create_application(bytes((number, 1, 1)), 0x0F, 1) for number in range(20)]
    play(authenticate(Scheme.FACTORY, 0, bytes(16), then=made), card.process)
    with pytest.raises(ForeignCard):
        looked(card)


def test_a_file_that_holds_no_header_has_none():
    assert decoded(None) is None
    assert decoded(bytes(32)) is None
