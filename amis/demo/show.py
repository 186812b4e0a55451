"""`make demo`: the town comes up, the walk is played, and everything serves until Ctrl-C."""

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack

import httpx
from qrcode.main import QRCode
from rich.console import Console
from rich.table import Table

from amis.concessions.seed_lv import JELGAVA
from amis.demo import machine, memory, pretend
from amis.demo.bus import bus_at_work
from amis.demo.card_desk import NAME, card_file, desk_at_work, found_desk, lay_fresh_card
from amis.demo.life import live
from amis.demo.memory import Memory
from amis.demo.seed import seed_lv
from amis.demo.town import STAFF, build_town, hire, install_terminal
from amis.demo.walk import Walk
from amis.kernel import postgres
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.process import database_url, opened
from amis.kernel.settings import Settings
from amis.staff import totp
from amis.staff.store import account_of

SIGN_IN_AS = "admin@jelgava.example"
"""The account whose second step is shown as a QR code; it may see every page."""


def show(settings: Settings, console: Console, persons: int, once: bool) -> None:
    """Runs the demo until Ctrl-C, or with `once` until the walk is played.

    Raises:
        FolderInUse: another demo works with this data folder.
        StartFailed, WalkFailed
    """
    with ExitStack() as stack:
        stack.enter_context(postgres.held(settings.data_dir.resolve() / "postgres"))
        with console.status("Starting PostgreSQL ..."):
            stack.enter_context(machine.database(settings))
        with machine.uninterrupted():
            kept = asyncio.run(_found(settings, console))
        with console.status("Starting the service ..."):
            stack.enter_context(machine.service(settings))
        with machine.uninterrupted():
            asyncio.run(_paired(settings, kept))
        board = pretend.board_port(settings)
        machine.start(stack, settings, "sopa-sim", pretend.command(settings, kept, persons, board))
        console.print(f"Scoreboard of the pretend social system: http://127.0.0.1:{board}", highlight=False)
        asyncio.run(_until_stopped(_play(settings, kept, console, once), console))
    console.print("Everything is stopped; `make demo` goes on with the same data.")


async def _found(settings: Settings, console: Console) -> Memory:
    """The town: recalled, or founded in a new data folder."""
    async with opened(settings):
        for line in await seed_lv(database_url(settings, "amis_owner")):
            console.print(f"[dim]seed: {line}[/dim]", highlight=False)
        known = memory.recalled(settings)
        if known is not None:
            return known
        town = await build_town()
        accounts = {email: await hire(email) for email in STAFF}
        machine_id, _ = await install_terminal(town, "autobuss 1")
        passwords = {email: password for email, (password, _) in accounts.items()}
        desk = await found_desk()
        keys, sender = await pretend.found_source()
        sink, hooks = await pretend.found_webhook(settings)
        founded = Memory(passwords, town.sender_key, str(machine_id), str(desk), str(sender), keys, sink, hooks)
        memory.keep(settings, founded)
        return founded


async def _paired(settings: Settings, kept: Memory) -> None:
    async with opened(settings):
        await pretend.pair_source(settings, kept)


async def _until_stopped(work: Coroutine[None, None, None], console: Console) -> None:
    """Does the work to its end, or until a signal cancels it where it waits."""
    loop = asyncio.get_running_loop()
    working = loop.create_task(work)
    with machine.signals_to(lambda _: loop.call_soon_threadsafe(working.cancel)):
        await asyncio.wait([working])
    if working.cancelled():
        console.print("Stopping ...")
    else:
        working.result()


async def _play(settings: Settings, kept: Memory, console: Console, once: bool) -> None:
    async with (
        opened(settings),
        httpx.AsyncClient(timeout=30) as http,
        desk_at_work(settings, kept, http),
        bus_at_work(settings, kept, http) as bus,
    ):
        console.rule("The main walk")
        await Walk(settings, kept, bus, http).play(console)
        console.rule()
        await _tell(settings, kept, console)
        lay_fresh_card(settings)
        if not once:
            console.print("Serving; people ride the bus. Ctrl-C stops everything.")
            await live(bus.terminal)


async def _tell(settings: Settings, kept: Memory, console: Console) -> None:
    table = Table("sign in at " + settings.public_url, "password", "role")
    for email, password in kept.passwords.items():
        table.add_row(email, password, ", ".join(STAFF[email][1]))
    console.print(table)
    console.print(f"Second step of sign-in for {SIGN_IN_AS}: scan this, or run")
    console.print(
        f"    AMIS_DATA_DIR={settings.data_dir} .venv/bin/amis account code {SIGN_IN_AS}",
        highlight=False,
        soft_wrap=True,
    )
    code = QRCode(border=2)
    code.add_data(await _totp_address())
    code.print_ascii(invert=True)
    desk, card = f"{settings.public_url}/desk/{kept.desk}", card_file(settings)
    console.print(f"A fresh card lies on the virtual reader of the desk {NAME}, {desk}; for another one run")
    console.print(f"    rm {card}; .venv/bin/amis simcard new {card}", highlight=False, soft_wrap=True)
    console.print(f"Logs: {settings.data_dir / 'log'}", highlight=False)


async def _totp_address() -> str:
    async with transaction(system("demo", JELGAVA)) as tx:
        account = await account_of(tx, SIGN_IN_AS)
        return totp.uri(totp.unsealed(account.totp_sealed, account.id), account.email)
