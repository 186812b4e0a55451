"""What was handed over is kept byte for byte, and nobody can change, cut or exchange it unnoticed."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amis.intake.errors import BatchInFlight, DigestMismatch
from amis.intake.in_flight import receiving
from amis.intake.raw_files import FileDamaged, Incoming, Stored, path_of, read_blocks, remove
from amis.kernel import keys
from amis.kernel.ids import new_id
from amis.kernel.settings import Settings

FRAME = 64 * 1024 + 16


@pytest.fixture(autouse=True)
def opened(keys_folder: Path) -> None:
    """The key store is open."""
    keys.open_keys(Settings(key_file=keys_folder / "keystore.json"))


def stored(folder: Path, *pieces: bytes) -> Stored:
    incoming = Incoming(folder, new_id())
    for piece in pieces:
        incoming.write(piece)
    return incoming.finish()


def read(folder: Path, kept: Stored) -> bytes:
    return b"".join(read_blocks(folder, kept.id, kept.wrapped))


def damages(whole: bytes) -> Iterator[bytes]:
    """A file of three frames as somebody might leave it who has the disk and not the key."""
    yield whole[: 2 * FRAME]
    yield whole[:-1]
    yield whole[FRAME:]
    yield whole[FRAME : 2 * FRAME] + whole[:FRAME] + whole[2 * FRAME :]
    yield whole + whole[-100:]
    yield whole[:70_000] + bytes([whole[70_000] ^ 1]) + whole[70_001:]
    yield b""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=9), st.integers(0, 15_000)), max_size=4))
def test_what_came_is_what_is_read(tmp_path: Path, drawn: list[tuple[bytes, int]]) -> None:
    pieces = [piece * times for piece, times in drawn]
    kept = stored(tmp_path, *pieces)
    whole = b"".join(pieces)
    assert read(tmp_path, kept) == whole
    assert (kept.size, kept.sha256) == (len(whole), sha256(whole).digest())


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072])
def test_the_edges_of_frames_are_no_edges_of_files(tmp_path: Path, size: int) -> None:
    assert read(tmp_path, stored(tmp_path, bytes(size))) == bytes(size)


def test_a_damaged_file_does_not_open(tmp_path: Path) -> None:
    kept, other = stored(tmp_path, bytes(160_000)), stored(tmp_path, bytes(160_000))
    path = path_of(tmp_path, kept.id)
    whole = path.read_bytes()
    for damaged in (*damages(whole), path_of(tmp_path, other.id).read_bytes()):
        path.write_bytes(damaged)
        with pytest.raises(FileDamaged):
            read(tmp_path, kept)
    path.write_bytes(whole)
    assert len(read(tmp_path, kept)) == 160_000
    remove(tmp_path, kept.id)
    remove(tmp_path, kept.id)
    with pytest.raises(FileDamaged, match="gone"):
        read(tmp_path, kept)


def test_a_file_with_another_digest_is_not_kept(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path, new_id())
    incoming.write(b"rows")
    with pytest.raises(DigestMismatch):
        incoming.finish(bytes(32))
    assert list(tmp_path.iterdir()) == []


def test_files_are_for_their_owner_only_and_say_nothing(tmp_path: Path) -> None:
    kept = stored(tmp_path / "intake", b"161175-19997" * 9)
    path = path_of(tmp_path / "intake", kept.id)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"19997" not in path.read_bytes()


def test_one_name_is_held_by_one_request_until_it_lets_go(tmp_path: Path) -> None:
    sender: UUID = new_id()
    for _ in range(2):
        with (
            receiving(tmp_path, sender, "march"),
            receiving(tmp_path, sender, "april"),
            receiving(tmp_path, new_id(), "march"),
            pytest.raises(BatchInFlight),
            receiving(tmp_path, sender, "march"),
        ):
            raise AssertionError("held twice")
    assert list((tmp_path / "arriving").iterdir()) == []
