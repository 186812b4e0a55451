"""What stands at the edge of a site: a terminal of the town, an amnesty, and a conflict as an upload leaves it."""

from datetime import timedelta
from uuid import UUID

from amis.concessions.seed_lv import JELGAVA
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.validating import terminals
from amis.validating.amnesty import declare_amnesty
from tests.town import CLERK, Site
from tests.walks.ledger import everything

_CONFLICT = """
INSERT INTO conflict (id, municipality_id, provider_id, terminal_id, pairing, seq, use_at, kind, detail, at)
VALUES (%s, %s, %s, %s, 1, 1, %s, 'clock', '{}', %s)
"""


async def installed(site: Site) -> dict[str, UUID]:
    """The identifiers by the names that paths give them."""
    place, provider, today, conflict = site.town.stop_id, site.town.provider_id, clock.today(), new_id()
    async with transaction(CLERK) as tx:
        terminal = await terminals.set_up(tx, "Priekšējās durvis", provider, place)
        amnesty = await declare_amnesty(tx, today, today + timedelta(days=1), "Karšu maiņa")
    async with await everything(site) as connection:
        now = clock.now()
        await connection.execute(_CONFLICT, (conflict, JELGAVA, provider, terminal, now, now))
    ids = {"provider_id": provider, "place_id": place, "terminal_id": terminal, "conflict_id": conflict}
    return ids | {"amnesty_id": amnesty.id, "reserve_id": new_id()}
