"""The other end of the wire: a social system of the town that signs and sends, and what it finds there afterwards."""

import base64
import json
import random
import secrets
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from amis.concessions.seed_lv import JELGAVA
from amis.intake.api import EVENTS
from amis.kernel import clock
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.register import store as people
from sync import signature
from sync.message import BATCHED, STRUCTURED
from sync.personal_code import draw_newer
from tests.granting.town import granted

SOURCE = "sopa/jelgava"
READER = Actor("staff", "reader-1", "Reader", JELGAVA, "Jelgava", frozenset({"intake.read", "intake.write"}))
TOWN = system("test", JELGAVA)
_numbers = count(1)
_codes = random.Random(11)


def new_key() -> str:
    """A shared key in the notation of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def new_code() -> str:
    """A personal code nobody has yet."""
    return draw_newer(_codes)


def event(kind: str = "status.fact.v1", *, source: str = SOURCE, **data: Any) -> dict[str, Any]:
    """A well-formed event; `data` replaces and adds members, `...` removes one."""
    number = next(_numbers)
    usual: dict[str, Any] = {"record_id": f"S-{number}", "version": 1, "op": "upsert"}
    if kind == "status.fact.v1":
        usual |= {"status": "TRUCIGA", "valid_from": "2026-03-01", "valid_to": "2026-05-31"}
        usual["person"] = {"code": new_code(), "birth_date": "1980-05-17"}
    kept = {name: value for name, value in (usual | data).items() if value is not ...}
    time = "2026-03-10T10:00:00+02:00"
    return {"specversion": "1.0", "id": f"e-{number}", "source": source, "type": kind, "time": time, "data": kept}


def of_person(code: str, record: str, version: int = 1, **more: Any) -> dict[str, Any]:
    """A status of that person in that record."""
    person = {"code": code, "birth_date": "1980-05-17"}
    return event(person=person, record_id=record, version=version, **more)


@dataclass
class Wire:
    """Sends messages with one key; `lines` of an answer are (verdict, code or None, pointer or None)."""

    client: httpx.AsyncClient
    key: str

    async def post(
        self,
        body: bytes,
        content_type: str = STRUCTURED,
        *,
        message_id: str = "",
        at: datetime | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Sends bytes, signed; `headers` replace and add."""
        named = message_id or f"m-{next(_numbers)}"
        signed = signature.sign([signature.signing_key(self.key)], named, at or clock.now(), body)
        given = {"content-type": content_type, "accept": "application/json"} | signed | (headers or {})
        return await self.client.post(EVENTS, content=body, headers=given)

    async def send(self, *events: dict[str, Any], message_id: str = "") -> list[tuple[str, str | None, str | None]]:
        """Sends events in one message and reads the answer."""
        whole: Any = events[0] if len(events) == 1 else list(events)
        content_type = STRUCTURED if len(events) == 1 else BATCHED
        answer = await self.post(json.dumps(whole).encode(), content_type, message_id=message_id)
        assert answer.status_code == 200, answer.text
        lines = answer.json()["verdicts"]
        assert [line["id"] for line in lines] == [one.get("id") for one in events]
        return [_line(line) for line in lines]


def _line(line: dict[str, Any]) -> tuple[str, str | None, str | None]:
    error = line.get("error") or {}
    return line["verdict"], error.get("code"), error.get("pointer")


APPLIED = ("applied", None, None)
UNCHANGED = ("unchanged", None, None)
STALE = ("stale", None, None)


async def find(code: str) -> UUID | None:
    """The person with this code."""
    async with transaction(TOWN) as tx:
        return await people.find_by_code(tx, code)


async def rights(code: str) -> dict[str, str]:
    """What the person with this code is granted: days by rule; nothing for somebody unknown."""
    async with transaction(TOWN) as tx:
        person_id = await people.find_by_code(tx, code)
        found = {} if person_id is None else await granted(tx, person_id)
        return {rule: str(days) for rule, days in found.items()}


async def counted(table: str) -> int:
    """Rows of the town in a table."""
    async with transaction(TOWN) as tx:
        found = await tx.session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
        assert isinstance(found, int)
        return found
