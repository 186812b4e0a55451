"""`amis terminal simulate` on the real service: enlisted, approved by its file, and on the next day as it was left."""

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from amis.demo.town import BUS, STOP
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.validating.fleet import approve_fleet, enlist_fleet
from amis.validating.gaps import gap_report
from terminals.cli import app
from tests.town import CLERK, Site
from tests.walks.ledger import everything
from tests.walks.tapping import holders
from tests.walks.test_terminal_runtime import publishing, until

TERMINALS = 3
OPERATOR = system("test")


@pytest.fixture
async def codes(site: Site, tmp_path: Path) -> Path:
    """What `amis machine fleet` writes."""
    file = tmp_path / "codes"
    async with transaction(OPERATOR) as tx:
        made = await enlist_fleet(tx, BUS[0], STOP[0], "bus", TERMINALS)
    file.write_text("".join(f"{one.terminal_id} {one.code} {one.kind}\n" for one in made))
    return file


async def approve(codes: Path) -> None:
    """What `amis machine approve-fleet` does, as soon as it can."""
    answer = codes.with_suffix(".fingerprints")
    await until(answer.exists)
    pairs = [line.split() for line in answer.read_text().splitlines()]
    async with transaction(OPERATOR) as tx:
        assert await approve_fleet(tx, {UUID(machine): shown for machine, shown in pairs}) == TERMINALS


async def simulate(site: Site, codes: Path, *words: str) -> Result:
    """Runs the command in a thread, since it brings an event loop of its own."""
    asked = {"url": site.url, "codes": codes, "tokens": codes.with_name("tokens"), "fleet": TERMINALS}
    asked |= {"home": codes.with_name("homes")}
    options = [part for name, value in asked.items() for part in (f"--{name}", str(value))]
    return await asyncio.to_thread(CliRunner().invoke, app, ["simulate", *options, *words])


async def test_a_fleet_plays_a_day_and_another_one_with_the_same_homes(site: Site, codes: Path) -> None:
    riders = await holders(site, "TRUCIGA", 3)
    codes.with_name("tokens").write_text("".join(f"{rider.shown}\n" for rider in riders))
    async with publishing(site):
        day = simulate(site, codes, "--seconds", "1", "--rate", "30", "--partition", "2:0-0.6", "--json")
        first, _ = await asyncio.gather(day, approve(codes))
        second = await simulate(site, codes, "--seconds", "0.3", "--closed")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert (told["good"], told["terminals"], told["damaged"], told["faults"]) == (True, TERMINALS, {}, {})
    assert told["taps"] == told["online"] + told["alone"] == sum(told["reasons"].values())
    assert told["reasons"]["ACCEPT OK"] > 0
    assert told["alone"] > 0
    assert told["latency_alone"]["p99"] > 0
    assert second.exit_code == 0, second.output
    assert f"{TERMINALS} of {TERMINALS} journals verify" in second.stdout
    assert "approve-fleet" not in second.stdout
    await _nothing_is_missing(site, told["taps"])


async def _nothing_is_missing(site: Site, taps: int) -> None:
    async with await everything(site) as connection:
        (entries,) = await (await connection.execute("SELECT count(*) FROM tap_key")).fetchone() or (0,)
    assert entries > taps
    async with transaction(CLERK) as tx:
        seen = await gap_report(tx)
    assert len(seen) == TERMINALS
    assert not [one for one in seen if one.missing or one.behind]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--partition", "all:1-2"), "A partition is written M:FROM-TO"),
        (("--fleet", "4"), "3 terminals, 4 are wanted"),
        (("--tokens", "/dev/null"), "no token"),
        (("--url", "http://127.0.0.1:9"), "attempts failed"),
    ],
)
async def test_what_cannot_begin_says_why(site: Site, codes: Path, words: tuple[str, str], said: str) -> None:
    codes.with_name("tokens").write_text("AM1:X\n")
    result = await simulate(site, codes, *words)
    assert (result.exit_code, said in result.stderr) == (2, True), result.output


async def test_a_fleet_that_nobody_approves_does_not_begin(site: Site, codes: Path) -> None:
    codes.with_name("tokens").write_text("AM1:X\n")
    result = await simulate(site, codes, "--patience", "0")
    assert (result.exit_code, result.stderr) == (2, "Nobody has approved the fingerprints of the fleet.\n")
    assert f"Now run: amis machine approve-fleet {codes}" in result.stdout
