"""`amis machine fleet` and `approve-fleet`: codes go out in one file, fingerprints come back in another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg import AsyncConnection
from typer.testing import CliRunner, Result

from amis.kernel.db import transaction
from amis.kernel.process import opened
from amis.kernel.settings import Settings, settings
from amis.staff.command import NOBODY
from amis.staff.machine_service import use_code
from amis.validating.fleet_cli import machines
from cards.jwk import jwk
from tests.validating.town import Town

Amis = Callable[..., Awaitable[Result]]
FLEET = ("fleet", "--provider", "JAP", "--place", "BUS-1", "--label", "bus", "--count", 3)


@pytest.fixture
def amis(configured: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amis]:
    """Runs the command in a thread, since it brings an event loop of its own."""
    for name in ("database_url", "database_owner_url", "data_dir", "key_file"):
        monkeypatch.setenv(f"AMIS_{name.upper()}", str(getattr(configured, name)))
    settings.cache_clear()

    async def run(*words: object) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, machines, [str(word) for word in words])

    yield run
    settings.cache_clear()


@pytest.fixture
async def town(configured: Settings) -> AsyncIterator[Town]:
    assert configured.database_owner_url is not None
    async with await AsyncConnection.connect(configured.database_owner_url, autocommit=True) as owner:
        yield await Town(owner).build()


async def paired(configured: Settings, codes: list[str]) -> list[str]:
    """The fingerprints of terminals that show these codes."""
    async with opened(configured), transaction(NOBODY) as tx:
        keys = [jwk(ec.generate_private_key(ec.SECP256R1()).public_key()) for _ in codes]
        return [(await use_code(tx, code, key)).fingerprint for code, key in zip(codes, keys, strict=True)]


async def states(town: Town) -> list[tuple[str, str]]:
    found = await town.db.execute("SELECT label, state FROM machine ORDER BY id")
    return [(str(label), str(state)) for label, state in await found.fetchall()]


async def test_a_fleet_is_made_paired_and_approved_as_a_whole(
    amis: Amis, town: Town, configured: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "codes"
    made = await amis(*FLEET, file)
    assert (made.exit_code, made.stdout) == (0, "3 terminals\n")
    assert file.stat().st_mode & 0o077 == 0
    lines = [line.split() for line in file.read_text().splitlines()]
    assert {kind for _, _, kind in lines} == {"carrier"}
    assert (await amis("approve-fleet", file)).stderr.endswith("No such file or directory\n")
    shown = dict(zip((line[0] for line in lines), await paired(configured, [line[1] for line in lines]), strict=True))
    answers = tmp_path / "codes.fingerprints"
    wrong = shown | {lines[2][0]: shown[lines[0][0]]}
    answers.write_text("".join(f"{machine} {it}\n" for machine, it in wrong.items()))
    assert "Another key has come since" in (await amis("approve-fleet", file)).stderr
    assert await states(town) == [("bus 1", "new"), ("bus 2", "new"), ("bus 3", "new")]
    answers.write_text("".join(f"{machine} {it}\n" for machine, it in shown.items()))
    assert (await amis("approve-fleet", file)).stdout == "3 approved\n"
    assert (await amis("approve-fleet", file)).stdout == "0 approved\n"
    assert {state for _, state in await states(town)} == {"active"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--provider", "NOBODY"), "There is no such provider."),
        (("--place", "NOWHERE"), "There is no such place."),
        (("--municipality", "XX"), "There is no such record. municipality XX"),
    ],
)
async def test_what_there_is_not_is_said_and_nothing_is_made(
    amis: Amis, town: Town, tmp_path: Path, words: tuple[str, str], said: str
) -> None:
    result = await amis(*FLEET, *words, tmp_path / "codes")
    assert (result.exit_code, result.stderr.strip()) == (1, said)
    assert await states(town) == []
    assert not (tmp_path / "codes").exists()


async def test_files_are_neither_overwritten_nor_guessed_at(amis: Amis, town: Town, tmp_path: Path) -> None:
    file = tmp_path / "codes"
    file.write_text("mine")
    assert (await amis(*FLEET, file)).stderr == f"{file} is there already\n"
    nowhere = await amis(*FLEET, tmp_path / "no" / "codes")
    assert (nowhere.exit_code, nowhere.stderr) == (1, f"{tmp_path}/no/codes: No such file or directory\n")
    assert await states(town) == []
    (tmp_path / "codes.fingerprints").write_text("12 34\n")
    assert (await amis("approve-fleet", file)).stderr.endswith("an id and a fingerprint a line are expected\n")
