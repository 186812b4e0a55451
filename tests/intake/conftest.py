"""A town with rules in force and a social system that may send to it."""

from collections.abc import Callable

import httpx
import pytest

from amis.intake.api import BODY_LIMIT, EVENTS, router
from amis.intake.pages import pages
from amis.intake.senders import add_key, define_sender
from amis.kernel.body import BodyLimit
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from sync.sopa import sopa_mapping
from tests.concessions.doors import application, client
from tests.granting.town import seed_rules
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
def database_name(founded: tuple[str, str], make_database: Callable[..., str]) -> str:
    """A fresh copy of the town."""
    return make_database(founded[0])


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
