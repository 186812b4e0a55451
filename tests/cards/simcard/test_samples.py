import pytest

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.commands import select_application
from cards.desfire.procedure import run
from cards.desfire.status import Status
from cards.errors import AuthenticationFailed
from cards.simcard import Version, VirtualCard
from cards.simcard.samples import Sort, counterfeit, new_uid, sample
from tests.cards.simcard.raw import AID, UID, done, span, told, with_files


def new(sort: Sort, **options: object) -> VirtualCard:
    return sample(VirtualCard(UID, **options), sort)


def knows_factory_key(card: VirtualCard) -> bool:
    try:
        run(authenticate(Scheme.FACTORY, 0, bytes(16)), card.process)
    except AuthenticationFailed:
        return False
    return True


def test_only_untouched_and_full_cards_have_the_factory_key():
    assert [sort for sort in Sort if knows_factory_key(new(sort))] == [Sort.FRESH, Sort.FULL]


@pytest.mark.parametrize("storage", [2048, 4096, 8192])
@pytest.mark.parametrize("version", Version)
def test_a_full_card_takes_no_application(storage, version):
    card = new(Sort.FULL, storage=storage, version=version)
    assert done(card, 0x6E) == bytes(3)
    assert told(card, 0xCA, AID + b"\x0b\x86")[0] is Status.OUT_OF_MEMORY


def test_a_foreign_card_has_another_application():
    card = new(Sort.FOREIGN)
    [aid] = card.snapshot().aids
    assert aid != AID
    done(card, 0x5A, aid)
    assert done(card, 0xBD, span(0, 0, 7)) == b"library"
    assert told(card, 0x6F)[0] is Status.AUTHENTICATION_ERROR


def test_a_counterfeit_shows_the_same_and_has_other_keys():
    card = with_files(VirtualCard(UID))
    copy = counterfeit(card)
    assert copy.uid == UID
    for it in (card, copy):
        done(it, 0x5A, AID)
    for question in (0x6F, 0x45, 0x60):
        assert done(copy, question) == done(card, question)
    assert done(copy, 0x64, b"\0") == done(card, 0x64, b"\0")
    opening = [select_application(AID)]
    run(authenticate(Scheme.EV1, 0, bytes(16), first=opening), card.process)
    with pytest.raises(AuthenticationFailed):
        run(authenticate(Scheme.EV1, 0, bytes(16), first=opening), copy.process)


def test_new_uids_are_nxps_and_differ():
    first, second = new_uid(), new_uid()
    assert (len(first), first[0], first != second) == (7, 4, True)
