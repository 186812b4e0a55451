"""The commands at a desk and at a terminal as processes of their own, talking to the session's private pcscd."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from amis.demo.town import approve_terminal, install_terminal
from cards.pair import pair
from tests.town import Site

AMIS = Path(sys.executable).with_name("amis")


async def command(*words: str | Path, expect: int = 0) -> str:
    """What one of our commands prints; it has to end with `expect`."""
    process = await asyncio.create_subprocess_exec(AMIS, *words, stdout=PIPE, stderr=PIPE, env=os.environ)
    out, err = await process.communicate()
    assert process.returncode == expect, (words, process.returncode, out.decode(), err.decode())
    return out.decode()


@asynccontextmanager
async def agent(home: Path) -> AsyncIterator[Process]:
    """`amis desk run`, as somebody started it on the desk's computer."""
    with (home / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            AMIS, "desk", "run", "--home", home, stdout=log, stderr=log, env=os.environ
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def terminal(site: Site, name: str) -> Path:
    """The folder of a paired and approved terminal of the bus company."""
    machine_id, code = await install_terminal(site.town, name)
    home = site.home / str(machine_id)
    await pair(site.url, code, home, site.http)
    await approve_terminal(machine_id)
    return home


async def tap(home: Path, reader: str, *, expect: int = 0) -> dict[str, Any]:
    """The answer to the card on that reader, at `amis terminal tap`."""
    words = ("terminal", "tap", "--reader", reader, "--home", home, "--json")
    answer: dict[str, Any] = json.loads(await command(*words, expect=expect))
    return answer
