"""Real concessions and their rules, loaded in the order of their dependence."""

from sqlalchemy import create_engine, pool

from amis.concessions import seed_lv as concessions
from amis.granting import seed_lv as granting
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.models import STATE


async def seed_lv(owner_url: str) -> list[str]:
    """Municipalities (as the database's owner), then the state's concessions and rules, then Jelgava's.

    Returns a line for each step. Running it again changes nothing.
    """
    engine = create_engine(owner_url, poolclass=pool.NullPool)
    with engine.begin() as owner:
        lines = [f"{concessions.seed_municipalities(owner)} municipalities"]
    for municipality in (STATE, concessions.JELGAVA):
        async with transaction(system("seed", municipality)) as tx:
            given, rules = await concessions.seed(tx), await granting.seed(tx)
        lines.append(f"municipality {municipality}: {given} concessions, {rules} rules")
    return lines
