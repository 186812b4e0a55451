import pytest

from cards.errors import NoSuchKey, Unencodable, WrongKeyUse
from cards.keys import PICC, Argon2Cost, EncryptedFileKeyStore, Passphrase, chip_keys, keyset, rotate_keyset
from cards.keys.chip import MASTERS, NEWEST_KEYSET, check_values, retire_keyset, system_of
from cards.keys.ring import KeyState, new_key

UID, OTHER, AID = bytes.fromhex("04782e21801d80"), bytes.fromhex("04782e21801d81"), bytes.fromhex("d00af4")


@pytest.fixture
def masters(store: EncryptedFileKeyStore) -> EncryptedFileKeyStore:
    for name in MASTERS.values():
        store.add(name)
    return store


def test_every_chip_and_slot_and_municipality_and_key_set_has_a_key_of_its_own(masters):
    rotate_keyset(masters)
    found = {
        chip_keys(masters, issuer, uid, AID)(slot, version)
        for issuer in (2, 3)
        for uid in (UID, OTHER)
        for slot in MASTERS
        for version in (1, 2)
    }
    assert len(found) == 2 * 2 * 7 * 2


def test_a_key_is_that_of_the_store_for_the_chip_and_its_municipality(masters):
    assert system_of(258) == b"AMIS\x00\x00\x01\x02"
    expected = masters.derive_card_key("card/picc", UID, AID, PICC, 1, b"AMIS\x00\x00\x01\x02")
    assert chip_keys(masters, 258, UID, AID)(PICC, 1) == expected


def test_a_slot_or_a_key_set_that_there_is_not_is_refused(masters):
    key = chip_keys(masters, 2, UID, AID)
    for slot, version in ((6, 1), (0, 2), (0, 0)):
        with pytest.raises(NoSuchKey):
            key(slot, version)
    with pytest.raises(Unencodable):
        chip_keys(masters, 2, UID[:4], AID)(0, 1)


def test_all_masters_turn_over_together(masters):
    assert keyset(masters) == 1
    assert rotate_keyset(masters) == keyset(masters) == 2
    assert {tuple(masters.versions(name)) for name in MASTERS.values()} == {(1, 2)}


@pytest.mark.parametrize("done", range(1, 7))
def test_a_rotation_that_stopped_half_way_is_finished_by_the_next(masters, done):
    for name in list(MASTERS.values())[:done]:
        masters.rotate(name)
    assert keyset(masters) == 1
    assert rotate_keyset(masters) == keyset(masters) == 2


def test_a_key_set_is_retired_whole_and_never_the_present_one(masters):
    with pytest.raises(WrongKeyUse):
        retire_keyset(masters, 1)
    rotate_keyset(masters)
    masters.retire("card/3", 1)
    retire_keyset(masters, 1)
    retire_keyset(masters, 1)
    assert {tuple(masters.versions(name)) for name in MASTERS.values()} == {(2,)}
    with pytest.raises(WrongKeyUse):
        chip_keys(masters, 2, UID, AID)(0, 1)


def test_a_chip_can_name_no_more_than_255_key_sets(tmp_path):
    store = EncryptedFileKeyStore.create(tmp_path / "keys", Passphrase("ozols", Argon2Cost(1, 64, 1)))
    store._put(*(new_key(name, NEWEST_KEYSET, KeyState.ACTIVE) for name in MASTERS.values()))
    with pytest.raises(WrongKeyUse, match="no key-set versions left"):
        rotate_keyset(store)
    with pytest.raises(WrongKeyUse, match="no versions left"):
        store.rotate("card/0")


def test_check_values_tell_masters_apart_without_telling_them(masters):
    values = check_values(masters, 1)
    assert list(values) == list(MASTERS.values())
    assert len(set(values.values())) == 7
    assert {len(value) for value in values.values()} == {6}
    assert values == check_values(masters, 1)
