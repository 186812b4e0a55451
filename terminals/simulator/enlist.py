"""How a fleet comes to be: its codes are read, each terminal pairs once, and somebody approves their fingerprints."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import httpx

from cards.errors import MachineRevoked, PairingRefused
from cards.keys.atomic import replace_file
from cards.pair import move, pair, paired
from terminals.clock import elapsed
from terminals.link import Link
from terminals.simulator.errors import FileUnreadable, NotApproved

FINGERPRINTS = ".fingerprints"
CARRIER, VENUE = "carrier", "venue"
_LOOK = 1.0
"""Seconds between two looks whether the fleet is approved."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the codes' file: the terminal's id, its one-time code, and whether a carrier or a venue has it."""

    machine: str
    code: str
    kind: str


@dataclass(frozen=True, slots=True)
class Roll:
    """Who belongs to the fleet of a service: the files of codes, the folder of all its terminals, its entries."""

    url: str
    files: list[Path]
    home: Path
    entries: list[Entry]


def read_entries(files: list[Path], count: int) -> list[Entry]:
    """The first `count` terminals that the files name.

    Raises:
        FileUnreadable: a line is none of `amis machine fleet`, or there are fewer.
    """
    entries = [_entry(file, line) for file in files for line in lines_of(file)]
    if len(entries) < count:
        raise FileUnreadable(f"{len(entries)} terminals, {count} are wanted")
    return entries[:count]


def lines_of(file: Path) -> list[str]:
    """The lines of a text that are not empty.

    Raises:
        FileUnreadable
    """
    try:
        return [line.strip() for line in file.read_text().splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(f"{file}: {error}") from error


def _entry(file: Path, line: str) -> Entry:
    words = line.split()
    if len(words) != 3 or words[2] not in (CARRIER, VENUE):
        raise FileUnreadable(f"{file}: an id, a code and {CARRIER} or {VENUE} are expected")
    return Entry(*words)


async def pair_all(roll: Roll, http: httpx.AsyncClient) -> int:
    """Pairs those that have no folder yet; how many. The others are told the service's address of today.

    Raises:
        PairingRefused: a code was used already, or is older than 10 minutes.
        httpx.TransportError
    """
    new = [entry for entry in roll.entries if not (roll.home / entry.machine / "pairing.json").exists()]
    for entry in roll.entries:
        if entry in new:
            await pair(roll.url, entry.code, roll.home / entry.machine, http)
        else:
            move(roll.home / entry.machine, roll.url)
    return len(new)


def write_fingerprints(roll: Roll) -> None:
    """Writes beside each file of codes the fingerprints of those of its terminals that have paired."""
    for file in roll.files:
        machines = [_entry(file, line).machine for line in lines_of(file)]
        shown = [f"{one} {paired(roll.home / one)[0].fingerprint}\n" for one in machines if (roll.home / one).exists()]
        replace_file(Path(f"{file}{FINGERPRINTS}"), "".join(shown).encode())


async def approval(links: list[Link], patience: float) -> None:
    """Waits until the service lets all of them in.

    Raises:
        NotApproved: after so many seconds.
        ServiceUnreachable
    """
    until = elapsed() + patience
    for link in links:
        while not await _let_in(link):
            if elapsed() > until:
                raise NotApproved
            await asyncio.sleep(_LOOK)


async def _let_in(link: Link) -> bool:
    try:
        await link.headers()
    except MachineRevoked:
        # the terminal will find out, and say so
        return True
    except PairingRefused:
        return False
    return True
