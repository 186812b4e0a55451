from pathlib import Path

import httpx
import pytest

from cards.errors import ServiceUnreachable
from cards.pair import paired
from terminals.link import Link
from terminals.simulator.enlist import Entry, Roll, approval, lines_of, pair_all, read_entries, write_fingerprints
from terminals.simulator.errors import FileUnreadable, NotApproved
from tests.terminals.backend import URL, Backend

LINES = "m1 AAAA-1 carrier\n\nm2 BBBB-2 venue\n"


@pytest.fixture
def codes(tmp_path: Path) -> Path:
    file = tmp_path / "codes"
    file.write_text(LINES)
    return file


def fingerprints(codes: Path) -> str:
    return codes.with_suffix(".fingerprints").read_text()


def test_the_first_terminals_of_all_files_are_taken(codes: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.write_text("m3 CCCC-3 carrier\n")
    first, second, third = (
        Entry("m1", "AAAA-1", "carrier"),
        Entry("m2", "BBBB-2", "venue"),
        Entry("m3", "CCCC-3", "carrier"),
    )
    assert read_entries([codes, more], 3) == [first, second, third]
    assert read_entries([codes], 1) == [first]


@pytest.mark.parametrize("content", [b"m1 code\n", b"m1 code tram\n", b"m1 code carrier 5\n", b"\xff\n", b""])
def test_a_file_that_is_none_of_codes_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(FileUnreadable):
        read_entries([file], 1)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="No such file"):
        lines_of(tmp_path / "none")


async def test_terminals_pair_once_and_hear_of_another_address(codes: Path, tmp_path: Path) -> None:
    roll, http = Roll(URL, [codes], tmp_path / "homes", read_entries([codes], 2)), Backend().http()
    assert await pair_all(roll, http) == 2
    write_fingerprints(roll)
    assert fingerprints(codes) == "m1 f\nm2 f\n"
    later = Roll("http://elsewhere.test", [codes], roll.home, roll.entries)
    assert await pair_all(later, http) == 0
    assert paired(roll.home / "m2")[0].url == "http://elsewhere.test"


async def test_fingerprints_are_those_of_terminals_that_take_part(codes: Path, tmp_path: Path) -> None:
    roll = Roll(URL, [codes], tmp_path / "homes", read_entries([codes], 1))
    await pair_all(roll, Backend().http())
    write_fingerprints(roll)
    assert fingerprints(codes) == "m1 f\n"


async def link(codes: Path, home: Path, backend: Backend) -> Link:
    await pair_all(Roll(URL, [codes], home, read_entries([codes], 1)), backend.http())
    return Link(*paired(home / "m1"), backend.http())


@pytest.mark.parametrize("state", ["active", "revoked"])
async def test_nobody_waits_for_what_is_approved_or_withdrawn(codes: Path, tmp_path: Path, state: str) -> None:
    backend = Backend(revoked=state == "revoked")
    await approval([await link(codes, tmp_path, backend)], 0)


async def test_a_fleet_that_nobody_approves_waits_in_vain(codes: Path, tmp_path: Path) -> None:
    backend = Backend(faults={"/machine/v1/token": httpx.codes.UNAUTHORIZED})
    with pytest.raises(NotApproved):
        await approval([await link(codes, tmp_path, backend)], -1)


async def test_a_service_that_is_away_approves_nobody(codes: Path, tmp_path: Path) -> None:
    backend = Backend()
    waiting = await link(codes, tmp_path, backend)
    backend.away = True
    with pytest.raises(ServiceUnreachable):
        await approval([waiting], 0)
