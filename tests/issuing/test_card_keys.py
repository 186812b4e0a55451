"""The keys of chips as the issuing room asks for them."""

from pathlib import Path

import pytest

from amis.issuing import card_keys
from amis.kernel import keys
from amis.kernel.settings import Settings
from cards.errors import WrongKeyUse
from cards.keys import PICC, rotate_keyset
from cards.keys.chip import retire_keyset

UID, OTHER = bytes.fromhex("04a1b2c3d4e5f6"), bytes.fromhex("04a1b2c3d4e5f7")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Keys of an installation of its own."""
    monkeypatch.setattr(keys, "_store", None)
    chosen = Settings(data_dir=tmp_path)
    keys.open_keys(chosen)
    return chosen


def test_each_chip_of_each_town_has_its_own_keys(own: Settings) -> None:
    found = {card_keys.keys_for(town)(uid)(slot, 1) for town in (2, 3) for uid in (UID, OTHER) for slot in (0, 1, PICC)}
    assert len(found) == 12
    assert {len(key) for key in found} == {16}


def test_a_key_set_that_another_process_turned_over_is_taken_up_at_once(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = keys.keystore()
    before = card_keys.keys_for(2)(UID)(0, 1)
    other = keys.open_keys(own)
    assert rotate_keyset(other) == 2
    monkeypatch.setattr(keys, "_store", mine)
    assert card_keys.keyset() == 2
    assert card_keys.keys_for(2)(UID)(0, 1) == before != card_keys.keys_for(2)(UID)(0, 2)
    retire_keyset(other, 1)
    card_keys.keyset()
    with pytest.raises(WrongKeyUse):
        card_keys.keys_for(2)(UID)(0, 1)
