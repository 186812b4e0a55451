"""Real concessions and their rules, loaded in the order of their dependence."""

from sqlalchemy import create_engine, pool

from amis.concessions import seed_lv as concessions
from amis.granting import seed_lv as granting
from amis.issuing.minting import issuer
from amis.kernel.actor import system
from amis.kernel.db import transaction


async def seed_lv(owner_url: str) -> list[str]:
    """Municipalities (as the database's owner), then what each of them gives; the state comes first.

    Returns a line for each step. Running it again changes nothing.
    """
    engine = create_engine(owner_url, poolclass=pool.NullPool)
    with engine.begin() as owner:
        lines = [f"{concessions.seed_municipalities(owner)} municipalities"]
    for number, code, *_ in concessions.MUNICIPALITIES:
        lines.append(f"{code}: {await _seed_municipality(number)}")
    return lines


async def _seed_municipality(number: int) -> str:
    async with transaction(system("seed", number)) as tx:
        given, rules = await concessions.seed(tx), await granting.seed(tx)
        orders, retired = await granting.seed_orders(tx), await concessions.retire_old(tx)
        # terminals learn of a key by their bundle: it is there before anything is signed with it
        await issuer(tx)
    return f"{given} concessions, {rules} rules, {orders} suspension orders, {retired} retired"
