"""A seeded town behind a real server: what the walks and the acceptance cases stand on.

The server runs in this process, so a test can move the clock; taps, notices and pages go over HTTP all the same.
"""

import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from psycopg import AsyncConnection

from amis import worker
from amis.app import create
from amis.concessions.seed_lv import JELGAVA
from amis.demo.seed import seed_lv
from amis.demo.town import SOURCE, Town, approve_terminal, build_town, install_terminal
from amis.intake.api import EVENTS
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock, db, feed_numbers, keys, sequencer
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.draining import drain
from amis.kernel.ids import new_id
from amis.kernel.keys import keystore
from amis.kernel.postgres import Cluster, url
from amis.kernel.settings import Settings, settings
from amis.register.store import find_by_code
from amis.validating.publisher import Publisher
from cards.pair import pair, paired
from sync import signature
from sync.message import BATCHED
from terminals.client import Client
from terminals.journal import journal_in
from terminals.message import Answer, Tap
from tests.browser import serving

CLERK = system("test-clerk", JELGAVA)
FARE = Decimal("0.85")
ADULT = "32345678901"
"""A personal code of the newer form, which tells no birth date."""


@dataclass(slots=True)
class Site:
    """A running service with its town, one bus terminal and the social system's key."""

    url: str
    settings: Settings
    town: Town
    http: httpx.AsyncClient
    home: Path
    bus: Client | None = None

    async def notice(self, events: list[dict[str, Any]], *, key: str = "") -> httpx.Response:
        """Posts signed events as one batch."""
        body = json.dumps(events).encode()
        signing = [signature.signing_key(key or self.town.sender_key)]
        headers = signature.sign(signing, f"msg_{new_id().hex}", clock.now(), body) | {"content-type": BATCHED}
        return await self.http.post(f"{self.url}{EVENTS}", content=body, headers=headers)

    async def states(self, *events: dict[str, Any]) -> list[str]:
        """The verdicts on events that the social system states."""
        response = await self.notice(list(events))
        assert response.status_code == 200, response.text
        return [line["verdict"] for line in response.json()["verdicts"]]

    async def person(self, code: str = ADULT) -> UUID:
        """The register's person with this code."""
        async with transaction(CLERK) as tx:
            found = await find_by_code(tx, code)
        assert found is not None
        return found

    async def issue(self, code: str = ADULT) -> tuple[UUID, str]:
        """Gives the person a QR token; its id and what it shows."""
        person = await self.person(code)
        async with transaction(CLERK) as tx:
            token = await issuing.issue_qr(tx, person)
            return token.id, (await tokens.open_credential(tx, token, "test")).text

    async def terminal(self, name: str = "bus") -> Client:
        """A newly paired and approved terminal of the bus company."""
        machine_id, code = await install_terminal(self.town, name)
        home = self.home / str(machine_id)
        await pair(self.url, code, home, self.http)
        await approve_terminal(machine_id)
        return Client(*paired(home), journal_in(home), self.http, now=clock.now)

    async def tap(
        self, shown: str | None, at: datetime | None = None, gross: Decimal = FARE, companions: int = 0, **where: str
    ) -> Answer:
        """A tap in the town's bus, now unless `at` says when; `where` names another place or product."""
        if self.bus is None:
            self.bus = await self.terminal()
        return await self.bus.validate(Tap(shown, at or clock.now(), gross, companions=companions, **where))

    async def work(self) -> None:
        """Lets the worker do all that waits for it: the outbox, then the audit tree."""
        assert self.settings.database_worker_url is not None
        async with await AsyncConnection.connect(self.settings.database_worker_url, autocommit=True) as connection:
            while await drain(connection, worker.HANDLERS):
                pass
            await sequencer.extend(connection, keystore(), worker.SOURCES)
            await feed_numbers.sequence(connection, worker.FEED)

    async def publish(self) -> None:
        """Lets the worker publish what terminals do not have yet."""
        assert self.settings.database_worker_url is not None
        async with await AsyncConnection.connect(self.settings.database_worker_url, autocommit=True) as connection:
            publisher = Publisher(keystore(), self.url)
            while await publisher.look(connection, clock.now()) is not None:
                pass


def needy(
    record: str,
    version: int,
    first: date,
    last: date | None,
    *,
    code: str = ADULT,
    op: str = "upsert",
    status: str = "TRUCIGA",
    born: str = "1984-05-17",
    event_id: str = "",
) -> dict[str, Any]:
    """One status event of the social system; days inclusive, as on the wire."""
    data: dict[str, Any] = {"record_id": record, "version": version, "op": op, "status": status}
    data["person"] = {"code": code, "given_name": "Anna", "family_name": "Ozola", "birth_date": born}
    data |= {"valid_from": first.isoformat(), "valid_to": last.isoformat() if last else None}
    event: dict[str, Any] = {"specversion": "1.0", "type": "status.fact.v1", "source": SOURCE, "data": data}
    return event | {"id": event_id or f"{record}-{version}", "time": clock.now().isoformat()}


def riga(text: str) -> datetime:
    """A wall time in Riga, such as 2026-05-31 23:59."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.RIGA).astimezone(UTC)


@pytest.fixture(scope="session")
async def founded(
    cluster: Cluster, template: str, make_database: Callable[..., str], keys_folder: Path
) -> tuple[str, Town]:
    """A database with seeded concessions and the town, to be copied; and what there is to know of it."""
    name = make_database(template)
    keys.open_keys(Settings(key_file=keys_folder / "keystore.json"))
    db.open_engine(url(cluster, "amis_app", name), pool_size=2)
    try:
        await seed_lv(url(cluster, "amis_owner", name))
        town = await build_town()
    finally:
        await db.close_engine()
    return name, town


@pytest.fixture
async def site(
    founded: tuple[str, Town],
    cluster: Cluster,
    copy_of: Callable[[str], str],
    keys_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Site]:
    """The town behind a server of its own."""
    template, town = founded
    name = copy_of(template)
    port = free_port()
    variables = {
        "DATA_DIR": str(tmp_path),
        "KEY_FILE": str(keys_folder / "keystore.json"),
        "DATABASE_URL": url(cluster, "amis_app", name),
        "DATABASE_OWNER_URL": url(cluster, "amis_owner", name),
        "DATABASE_WORKER_URL": url(cluster, "amis_worker", name),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "POOL_SIZE": "4",
    }
    for key, value in variables.items():
        monkeypatch.setenv(f"AMIS_{key}", value)
    settings.cache_clear()
    async with serving(create(), port) as address, httpx.AsyncClient(timeout=30) as http:
        yield Site(address, settings(), town, http, tmp_path / "terminals")
    settings.cache_clear()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def days(count: int) -> timedelta:
    """So many days."""
    return timedelta(days=count)
