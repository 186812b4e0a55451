"""`amis cards`: a card on this computer's reader, and what the service does with it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cards.cli import app
from cards.desfire.procedure import run
from cards.desk import cli as desk_cli
from cards.profile import personalise
from tests.cards.desk.service import Service, service
from tests.cards.profile.table import CONTENT, OURS, UID, blank
from tests.pcscd import NAMES, Pcscd, Reader


@pytest.fixture
async def door() -> AsyncIterator[Service]:
    async with service() as made:
        yield made


@pytest.fixture
async def home(door: Service, tmp_path: Path) -> Path:
    """A desk's folder, paired."""
    folder = tmp_path / "desk"
    words = ["pair", door.url, "GOOD-CODE", "--home", str(folder)]
    assert (await asyncio.to_thread(CliRunner().invoke, desk_cli.app, words)).exit_code == 0
    return folder


async def amis(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(words))


async def test_a_card_of_ours_is_read_without_a_key(reader: Reader) -> None:
    card = blank()
    run(personalise(CONTENT, 1, OURS), card.process)
    reader.put(card)
    found = json.loads((await amis("read", "--json")).stdout)
    assert found["uid"] == UID.hex()
    assert CONTENT.number.startswith(found["number"])
    assert found["valid_from"] == "2026-09-01"
    assert bytes.fromhex(found["credential"]) == CONTENT.credential
    assert f"uid: {UID.hex()}" in (await amis("read", "--reader", reader.name)).stdout


async def test_a_card_that_is_not_ours_is_told(reader: Reader) -> None:
    reader.put(blank())
    refused = await amis("read")
    assert refused.exit_code == 2
    assert "ForeignCard" not in refused.stderr
    assert refused.stderr.endswith(".\n")


async def test_an_empty_reader_and_one_that_is_not_there_are_told(pcscd: Pcscd) -> None:
    empty = await amis("read", "--reader", NAMES[1])
    assert (empty.exit_code, "put the SAME card back" in empty.stderr) == (2, True)
    missing = await amis("read", "--reader", "no such reader")
    assert (missing.exit_code, "not connected" in missing.stderr) == (2, True)


async def test_readers_are_listed(pcscd: Pcscd) -> None:
    assert json.loads((await amis("readers", "--json")).stdout) == list(NAMES)


async def test_a_card_is_made_by_the_service_and_followed_to_its_end(door: Service, home: Path) -> None:
    door.work = [("asked", 0), ("running", 20), ("done", 43)]
    made = await amis("personalise", "7K3M", "--home", str(home))
    assert (made.exit_code, made.stdout.splitlines()[-1]) == (0, "now done")
    assert door.asked[0] == ("/desk/v1/operations", {"kind": "personalise", "token": "7K3M"})


async def test_work_that_fails_ends_with_1(door: Service, home: Path) -> None:
    door.work = [("failed", 3)]
    failed = await amis("verify", "7K3M", "--home", str(home), "--json")
    assert (failed.exit_code, json.loads(failed.stdout)["state"]) == (1, "failed")


async def test_work_that_can_no_longer_be_followed_is_stopped(door: Service, home: Path) -> None:
    door.work = [("running", 3)]
    left = await amis("personalise", "7K3M", "--home", str(home))
    assert left.exit_code == 2
    assert door.asked[-1][0] == "/desk/v1/operations/7/stop"


async def test_the_service_says_why_it_does_not_do_it(door: Service, home: Path) -> None:
    refused = await amis("personalise", "7K3M", "--home", str(home))
    assert refused.exit_code == 2
    assert "No card is approved under this number." in refused.stderr


async def test_a_lost_card_is_blocked_by_its_number(door: Service, home: Path) -> None:
    blocked = await amis("block", "7K3M", "--home", str(home), "--json")
    assert json.loads(blocked.stdout)["state"] == "blocked"
    assert door.asked == [("/desk/v1/block", {"number": "7K3M", "reason": "lost"})]


async def test_without_a_paired_desk_the_service_is_not_asked(tmp_path: Path) -> None:
    refused = await amis("personalise", "7K3M", "--home", str(tmp_path))
    assert (refused.exit_code, "not paired" in refused.stderr) == (2, True)
