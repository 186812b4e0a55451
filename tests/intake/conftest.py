"""A town with rules in force and a social system that may send to it."""

import httpx
import pytest
from sqlalchemy import create_engine, pool

from amis.concessions.seed_lv import seed_municipalities
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


@pytest.fixture
async def wire(database: Settings) -> Wire:
    """The social system; the doors of the intake are open."""
    assert database.database_owner_url is not None
    engine = create_engine(database.database_owner_url, poolclass=pool.NullPool)
    with engine.begin() as owner:
        seed_municipalities(owner)
    engine.dispose()
    await seed_rules()
    key = new_key()
    async with transaction(TOWN) as tx:
        sender = await define_sender(tx, "Sociālo lietu pārvalde", sopa_mapping(SOURCE))
        await add_key(tx, sender.id, key)
    app = application(READER, router, pages)
    app.add_middleware(BodyLimit, limits={EVENTS: BODY_LIMIT})
    return Wire(client(app), key)


@pytest.fixture
def browser(wire: Wire) -> httpx.AsyncClient:
    """Somebody who decides on notices."""
    return wire.client
