"""The canary: each minute the service tells itself a heartbeat by the door that every source uses, and follows it.

It is about nobody. What follows from it is that an entry of a status list that no token has turns over, which every
terminal hears of as it hears of a block; so its way is the way of whatever matters.
"""

import asyncio
import base64
import json
import secrets
from datetime import datetime, timedelta
from functools import partial

import httpx
import structlog
from psycopg import AsyncConnection
from sqlalchemy import text

from amis.intake import senders, store
from amis.intake.freshness import observe
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import Transaction, transaction
from amis.kernel.models import STATE, Municipality
from amis.kernel.settings import Settings
from amis.kernel.ticker import Job
from sync import signature
from sync.mapping import Mapping
from sync.message import STRUCTURED

CANARY = "canary"
"""The source of our own heartbeats."""
HEARTBEAT = "source.heartbeat.v1"
EVENTS = "/sync/v1/events"
FOLLOWED = timedelta(seconds=45)
"""A canary that has not come through by then is late; it is left to be seen."""
LIVE = timedelta(seconds=90)
"""A terminal heard of so recently is there to hear; it tells of itself every half minute."""
_PATIENCE = 10.0
_LOOK_EVERY = 0.2
_FOLLOW = """
UPDATE freshness SET seq = seen.seq, sequenced_at = coalesce(freshness.sequenced_at, seen.sequenced_at, %(now)s),
    live = seen.live, holding = seen.holding, acked_at = seen.acked_at
FROM canary_seen((SELECT change_id FROM freshness WHERE number = %(number)s), %(live)s) AS seen
WHERE number = %(number)s RETURNING freshness.live = freshness.holding
"""

log = structlog.get_logger()


def canary_job(settings: Settings) -> Job:
    """The job that sends one and follows it; repeated, it sends another."""
    return Job("intake.canary", timedelta(minutes=1), partial(fly, settings))


async def fly(settings: Settings, connection: AsyncConnection) -> None:
    """Sends a canary and follows it until every live terminal holds it, or `FOLLOWED` has passed."""
    key = await _key()
    if key is None:
        return
    row = await (
        await connection.execute("INSERT INTO freshness (sent_at) VALUES (%s) RETURNING number", (clock.now(),))
    ).fetchone()
    assert row is not None
    number: int = row[0]
    error = await _send(settings, number, key)
    done = "UPDATE freshness SET applied_at = %s, error = %s WHERE number = %s"
    await connection.execute(done, (None if error else clock.now(), error, number))
    if error is None:
        await _follow(connection, number)
    else:
        log.warning("canary did not come through", number=number, reason=error)
    await observe(connection, number)


async def turn(tx: Transaction, number: int) -> None:
    """What follows from canary `number`: its entry turns over, and the change is noted for terminals."""
    await tx.session.execute(text("SELECT turn_canary(:number, :at)"), {"number": number, "at": tx.at})


async def _key() -> signature.SharedKey | signature.PrivateKey | None:
    """The key of the canary, made at its first flight; None in an installation without the state's own part."""
    async with transaction(system(CANARY, STATE)) as tx:
        if await tx.session.get(Municipality, STATE) is None:
            return None
        known = [key for key in await store.sealed_keys(tx) if (key.municipality_id, key.source) == (STATE, CANARY)]
        if known:
            return signature.signing_key(senders.key_text(known[0]))
        if any(sender.source == CANARY for sender in await store.senders(tx)):
            return None
        made = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        sender = await senders.define_sender(tx, "Canary", Mapping(CANARY, {}, types=frozenset({HEARTBEAT})))
        await senders.add_key(tx, sender.id, made)
        return signature.signing_key(made)


async def _send(settings: Settings, number: int, key: signature.SigningKey) -> str | None:
    """Posts it; what went wrong, None where it was applied."""
    body, message_id, at = _event(number, clock.now()), f"canary-{number}", clock.now()
    headers = signature.sign([key], message_id, at, body) | {"content-type": STRUCTURED}
    address = (settings.canary_url or settings.public_url).rstrip("/") + EVENTS
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE) as http:
            answer = await http.post(address, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{type(error).__name__}: {error}"[:200]
    if answer.status_code != httpx.codes.OK:
        return f"answer {answer.status_code}"
    try:
        verdict = answer.json()["verdicts"][0]["verdict"]
    except (ValueError, LookupError, TypeError):
        return "the answer is not of this service"
    return None if verdict == "applied" else f"verdict {verdict}"[:200]


def _event(number: int, at: datetime) -> bytes:
    event = {"specversion": "1.0", "id": f"canary-{number}", "source": CANARY, "type": HEARTBEAT}
    return json.dumps(event | {"time": at.isoformat(), "data": {"sequence": number, "pending": 0}}).encode()


async def _follow(connection: AsyncConnection, number: int) -> None:
    start = clock.now()
    while clock.now() < start + FOLLOWED:
        asked = {"number": number, "now": clock.now(), "live": start - LIVE}
        row = await (await connection.execute(_FOLLOW, asked)).fetchone()
        if row is not None and row[0]:
            return
        await asyncio.sleep(_LOOK_EVERY)
