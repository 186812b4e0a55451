"""`amis desk` as somebody at a desk runs it."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cards import pcsc
from cards.desk.cli import app
from cards.desk.message import Begin, Card, Commands, Hello, Responses
from cards.errors import ReaderBusy
from tests.cards.chips import HELLO, Echo
from tests.cards.desk.service import Service, service
from tests.pcscd import NAMES, Pcscd, Reader, until


@pytest.fixture
async def door() -> AsyncIterator[Service]:
    async with service() as made:
        yield made


async def amis(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(words))


async def pair(door: Service, home: Path) -> None:
    paired = await amis("pair", f"{door.url}/", "GOOD-CODE", "--home", str(home))
    assert (paired.exit_code, "print-of-the-key" in paired.stdout) == (0, True)


async def started(home: Path) -> asyncio.subprocess.Process:
    command = [str(Path(sys.executable).with_name("amis")), "desk", "run", "--home", str(home)]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)


async def test_a_wrong_code_is_told_and_leaves_nothing(door: Service, tmp_path: Path) -> None:
    refused = await amis("pair", door.url, "BAD-CODE", "--home", str(tmp_path / "desk"))
    assert refused.exit_code == 2
    assert "wrong code" in refused.stderr
    assert not (tmp_path / "desk").exists()


async def test_a_service_that_is_not_there_is_told(tmp_path: Path) -> None:
    refused = await amis("pair", "http://127.0.0.1:1", "CODE", "--home", str(tmp_path / "desk"))
    assert refused.exit_code == 2
    assert refused.stderr


async def test_readers_are_listed(pcscd: Pcscd) -> None:
    listed = await amis("readers", "--json")
    assert (listed.exit_code, json.loads(listed.stdout)) == (0, list(NAMES))


async def test_a_desk_works_until_it_is_interrupted(door: Service, pcscd: Pcscd, tmp_path: Path) -> None:
    await pair(door, tmp_path)
    running = await started(tmp_path)
    desk = await door.next()
    hello = await desk.hear(Hello)
    assert hello.agent.startswith("amis-desk ")
    running.send_signal(signal.SIGINT)
    assert await desk.ended() == 1001
    desk.over.set()
    out, err = await running.communicate()
    assert (running.returncode, err, b"connected" in out) == (0, b"", True)


async def test_a_desk_that_crashes_at_work_leaves_the_card_to_the_next(
    door: Service, reader: Reader, tmp_path: Path
) -> None:
    reader.put(Echo())
    await pair(door, tmp_path)
    crashing = await started(tmp_path)
    desk = await door.next()
    await desk.hear(Card)
    await desk.say(Begin("op", reader.name, "personalise"))
    await desk.say(Commands("op", 1, (HELLO,), (None,)))
    await desk.hear(Responses)
    crashing.kill()
    await crashing.communicate()
    assert await desk.ended() in {1005, 1006}  # it said no word of parting
    desk.over.set()
    until(lambda: free(reader.name))


def free(name: str) -> bool:
    try:
        pcsc.connect(name).close()
    except ReaderBusy:
        return False
    return True


async def test_a_revoked_desk_says_so_and_ends_with_2(door: Service, pcscd: Pcscd, tmp_path: Path) -> None:
    await pair(door, tmp_path)
    running = await started(tmp_path)
    desk = await door.next()
    door.bearer_status = 401
    await desk.close(4403, "this desk may not work any more")
    out, err = await running.communicate()
    assert running.returncode == 2
    assert b"this desk may not work any more" in out
    assert b"The service refuses the request." in err
