"""The demo's pretend social system: a source of its own, paired as a machine, that sends on every way it knows."""

import base64
import secrets
from pathlib import Path
from uuid import UUID

import httpx
from sqlalchemy import select

from amis.concessions.seed_lv import JELGAVA
from amis.demo import machine, memory
from amis.demo.memory import Memory
from amis.demo.town import new_sender_key
from amis.intake.api import EVENTS
from amis.intake.senders import add_key, define_sender, give_machine
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.outbound.models import WebhookKey
from amis.outbound.webhooks import WebhookDraft, define_webhook
from amis.staff import machine_service
from sync.pairing import moved, pair
from sync.pretend.sink import PATH
from sync.signature import PrivateKey, signing_key
from sync.sopa import sopa_mapping

SOURCE = "sopa/izspele"
"""Another source than that of the walk: nobody else states anything in its name, so that drift can be told."""
MISCHIEF = 0.05
"""The share of its turns in which it makes trouble, so that there is something to see in quarantine."""
HEARD = ("entitlement.begins", "entitlement.prolonged", "entitlement.shortened", "entitlement.ended")
"""What it is told of by its webhook."""
_BOARD, _SINK = 1000, 1500
_ACTOR = system("demo", JELGAVA)


async def found_source() -> tuple[str, UUID]:
    """Lets it send: its keys of both kinds, one a line, and its machine, which has yet to pair."""
    shared, private = new_sender_key(), "whsk_" + base64.b64encode(secrets.token_bytes(32)).decode()
    public = signing_key(private)
    if not isinstance(public, PrivateKey):
        raise TypeError(type(public).__name__)
    async with transaction(_ACTOR) as tx:
        sender = await define_sender(tx, "Izspēlētā SOPA", sopa_mapping(SOURCE))
        await add_key(tx, sender.id, shared)
        await add_key(tx, sender.id, public.public().to_text())
        paired = await machine_service.create_machine(tx, "sender", "SOPA", JELGAVA)
        await give_machine(tx, sender.id, paired.id)
    return f"{shared}\n{private}\n", paired.id


async def found_webhook(settings: Settings) -> tuple[int, str]:
    """Its webhook: the port of its sink on this machine, and the keys that verify what comes there, one a line."""
    port = machine.free_port(settings.port + _SINK)
    async with transaction(_ACTOR) as tx:
        made, secret = await define_webhook(tx, WebhookDraft("Izspēlētā SOPA", f"http://127.0.0.1:{port}{PATH}", HEARD))
        await tx.session.flush()
        found = await tx.session.scalars(select(WebhookKey.public).where(WebhookKey.webhook_id == made.id))
        return port, "\n".join([secret, *(public for public in found if public)])


async def pair_source(settings: Settings, kept: Memory) -> None:
    """Pairs its machine with the address that the service has today."""
    home = _home(settings)
    if (home / "pairing.json").exists():
        moved(home, settings.public_url)
        return
    async with transaction(_ACTOR) as tx:
        code = await machine_service.pairing_code(tx, UUID(kept.pretend))
    async with httpx.AsyncClient(timeout=30) as http:
        await pair(settings.public_url, code, home, http)
    async with transaction(_ACTOR) as tx:
        await machine_service.approve(tx, UUID(kept.pretend))


def command(settings: Settings, kept: Memory, persons: int, board: int) -> list[str]:
    """What starts it as a process; `board` is the port of its scoreboard."""
    keys = memory.key_file(settings, "keys", kept.pretend_keys)
    hooks = memory.key_file(settings, "webhook-keys", kept.sink_keys)
    # the webhook's address is kept with the town: without its port nothing is heard, and the rest goes on
    sink = kept.sink if machine.free_port(kept.sink) == kept.sink else 0
    return [
        *("sopa-sim", "simulate", "--url", f"{settings.public_url}{EVENTS}", "--secret-file", str(keys)),
        *("--source", SOURCE, "--persons", str(persons), "--state", str(_folder(settings) / str(persons))),
        *("--machine", str(_home(settings)), "--mischief", str(MISCHIEF), "--board", str(board)),
        *("--sink", str(sink), "--sink-keys", str(hooks)),
    ]


def board_port(settings: Settings) -> int:
    """A port for the scoreboard that nobody listens on."""
    return machine.free_port(settings.port + _BOARD)


def _folder(settings: Settings) -> Path:
    return settings.data_dir / "sopa"


def _home(settings: Settings) -> Path:
    return _folder(settings) / "machine"
