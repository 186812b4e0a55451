"""A town that tells its holders, with a mail server of its own; seeded once and copied for each test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from pydantic import SecretStr

from amis.concessions.seed_lv import JELGAVA
from amis.kernel import clock, feed_numbers
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.notifying import contacts, jobs, setting, store
from amis.notifying.contacts import Reach
from amis.notifying.models import Message
from amis.notifying.setting import Telling
from amis.worker import FEED
from tests.granting.town import seed_rules
from tests.notifying.mailbox import Mailbox, serving_mail
from tests.service import Found

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
WORKER = system("worker", JELGAVA)
ANNA = "anna@inbox.example"
HOME = "Lielā iela 1-2\nJelgava, LV-3001"
BY_MAIL = Reach(email=ANNA, channel="email")
AT_ONCE = Telling(active=True, quiet_minutes=0)


@pytest.fixture(scope="session")
async def seeded(found: Found) -> str:
    """The database of the town, to be copied."""
    return await found(seed_rules)


@pytest.fixture
def database_name(seeded: str, copy_of: Callable[[str], str]) -> str:
    """A fresh copy of the town."""
    return copy_of(seeded)


@pytest.fixture
def now() -> Iterator[datetime]:
    """The tenth of March 2026, half past eleven in Riga."""
    with clock.moved(NOW):
        yield NOW


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server in clear on this machine."""
    with serving_mail() as box:
        yield box


@dataclass(slots=True)
class Office:
    """The town's worker, its mail and its folders."""

    settings: Settings
    mailbox: Mailbox
    worker: AsyncConnection

    @property
    def letters(self) -> list[Path]:
        """The letters that wait for the printer."""
        return sorted((self.settings.data_dir / "outgoing/post").glob("*.pdf"))

    async def switch_on(self, telling: Telling = AT_ONCE) -> None:
        """The town tells what happens from now on."""
        async with transaction(WORKER) as tx:
            await setting.change(tx, telling)

    async def reach(self, person_id: UUID, reach: Reach = BY_MAIL) -> None:
        """A clerk writes down how somebody is reached."""
        async with transaction(WORKER) as tx:
            await contacts.keep(tx, person_id, reach)

    async def round(self) -> None:
        """What happened is numbered, and a minute of the worker passes."""
        await feed_numbers.sequence(self.worker, FEED)
        await jobs.tell(settings=self.settings)

    async def messages(self, person_id: UUID) -> list[Message]:
        """The messages to somebody, the oldest first."""
        async with transaction(WORKER) as tx:
            return list(await store.messages_of(tx, person_id))[::-1]


@pytest.fixture
async def office(database: Settings, now: datetime, mailbox: Mailbox, worker_connection: AsyncConnection) -> Office:
    """The town on that day, telling nothing yet."""
    mail = {"smtp_url": SecretStr(mailbox.url), "mail_from": "amis@jelgava.example"}
    return Office(database.model_copy(update=mail), mailbox, worker_connection)
