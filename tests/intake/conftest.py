"""A town with rules in force and a social system that may send to it."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from psycopg import AsyncConnection

from amis.concessions.seed_lv import JELGAVA
from amis.intake import store
from amis.intake.api import BODY_LIMIT, EVENTS, router
from amis.intake.batch_api import BATCHES
from amis.intake.batch_api import BODY_LIMIT as FILE_LIMIT
from amis.intake.batch_api import router as batch_router
from amis.intake.pages import pages
from amis.intake.places import folder_of
from amis.intake.senders import add_key, define_sender, give_machine
from amis.kernel.actor import Actor
from amis.kernel.body import BodyLimit
from amis.kernel.db import transaction
from amis.kernel.settings import Settings, settings
from amis.staff.machine_service import create_machine
from sync.sopa import sopa_mapping
from tests.concessions.doors import application, client
from tests.granting.town import seed_rules
from tests.intake.files import Files
from tests.intake.wire import READER, SOURCE, TOWN, Wire, new_key
from tests.service import Found


@pytest.fixture(scope="session")
async def founded(found: Found) -> tuple[str, str]:
    """The town, to be copied for each test, and the key of its social system."""
    key = new_key()

    async def work() -> None:
        await seed_rules()
        async with transaction(TOWN) as tx:
            sender = await define_sender(tx, "Sociālo lietu pārvalde", sopa_mapping(SOURCE))
            await add_key(tx, sender.id, key)

    return await found(work), key


@pytest.fixture
def database_name(founded: tuple[str, str], copy_of: Callable[[str], str]) -> str:
    """A fresh copy of the town."""
    return copy_of(founded[0])


@pytest.fixture
def wire(database: Settings, founded: tuple[str, str]) -> Wire:
    """The social system; the doors of the intake are open."""
    app = application(READER, router, pages)
    app.add_middleware(BodyLimit, limits={EVENTS: BODY_LIMIT})
    return Wire(client(app), founded[1])


@pytest.fixture
def browser(wire: Wire) -> httpx.AsyncClient:
    """Somebody who decides on notices."""
    return wire.client


@pytest.fixture
async def files(
    database: Settings, worker_connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Files]:
    """A machine of the social system; the door of files is open, for it and for those who decide on them."""
    async with transaction(TOWN) as tx:
        machine = await create_machine(tx, "sender", "SOPA", JELGAVA)
        sender = (await store.senders(tx))[0]
        await give_machine(tx, sender.id, machine.id)
    monkeypatch.setenv("AMIS_DATA_DIR", str(database.data_dir))
    settings.cache_clear()
    permissions = frozenset({"notice.create", "intake.write"})
    app = application(Actor("machine", str(machine.id), "SOPA", JELGAVA, "Jelgava", permissions), batch_router)
    app.add_middleware(BodyLimit, limits={BATCHES: FILE_LIMIT})
    yield Files(client(app), worker_connection, folder_of(database))
    settings.cache_clear()
