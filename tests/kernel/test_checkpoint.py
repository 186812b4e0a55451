"""Signed notes over the head of the audit tree."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.kernel import checkpoint
from amis.kernel.keys import AUDIT
from cards.keys import EncryptedFileKeyStore, KeyStore, RawKey

ROOT = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    made = EncryptedFileKeyStore.create(tmp_path / "keys", RawKey(bytes(32)))
    made.add(AUDIT)
    return made


def publics(store: KeyStore) -> list[bytes]:
    return [checkpoint.raw(key) for key in store.publics(AUDIT)]


def test_a_note_has_the_lines_of_a_checkpoint_and_opens_to_what_was_signed(store: KeyStore) -> None:
    note = checkpoint.sign(store, 7, ROOT)
    origin, size, root, blank, signature, end = note.split("\n")
    assert (origin, size, root) == ("amis/audit", "7", base64.b64encode(ROOT).decode())
    assert (blank, end) == ("", "")
    assert signature.startswith("\N{EM DASH} amis/audit ")
    assert checkpoint.opened(publics(store), note) == (7, ROOT)


def test_another_key_opens_nothing(store: KeyStore, tmp_path: Path) -> None:
    other = EncryptedFileKeyStore.create(tmp_path / "other", RawKey(bytes(32)))
    other.add(AUDIT)
    note = checkpoint.sign(store, 7, ROOT)
    assert checkpoint.opened(publics(other), note) is None
    assert checkpoint.opened([], note) is None
    assert checkpoint.opened(publics(other) + publics(store), note) == (7, ROOT)


def test_no_other_character_stands_anywhere_in_a_note(store: KeyStore) -> None:
    note, known = checkpoint.sign(store, 7, ROOT), publics(store)
    # The last character is the line's end, which the verifier does not need.
    for place in range(len(note) - 1):
        changed = note[:place] + ("x" if note[place] != "x" else "y") + note[place + 1 :]
        assert checkpoint.opened(known, changed) is None


def test_a_signature_is_written_in_one_way_only(store: KeyStore) -> None:
    note = checkpoint.sign(store, 7, ROOT)
    body, last = note[:-3], note[-3]  # before the padding and the line's end
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    others = [body + char + note[-2:] for char in alphabet if char != last]
    assert [one for one in others if checkpoint.opened(publics(store), one) is not None] == []


@pytest.mark.parametrize("change", [lambda note: note.replace("\n7\n", "\n8\n"), lambda note: "7\n" + note, str.strip])
def test_an_altered_text_opens_to_nothing_else(store: KeyStore, change) -> None:  # type: ignore[no-untyped-def]
    opened = checkpoint.opened(publics(store), change(checkpoint.sign(store, 7, ROOT)))
    assert opened in (None, (7, ROOT))
    assert opened is None or change is str.strip


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "replace")))
def test_any_other_text_is_no_note(text: str) -> None:
    assert checkpoint.opened([ROOT], text) is None
    assert checkpoint.opened([ROOT], f"amis/audit\n1\nAAAA\n\n\N{EM DASH} amis/audit {text}") is None


def test_old_notes_stay_valid_when_the_key_changes(store: KeyStore) -> None:
    old = checkpoint.sign(store, 7, ROOT)
    store.rotate(AUDIT)
    new = checkpoint.sign(store, 8, ROOT)
    assert len(publics(store)) == 2
    assert checkpoint.opened(publics(store), old) == (7, ROOT)
    assert checkpoint.opened(publics(store), new) == (8, ROOT)
    assert checkpoint.opened(publics(store)[:1], new) is None
