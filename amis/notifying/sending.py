"""Messages on their way: leased, carried outside of any transaction, and settled. At least once, never lost.

A worker that dies between the provider's yes and its own note of it sends once more, under the same message id.
"""

import asyncio
from collections.abc import Mapping

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.notifying.errors import NotSent, Unreachable
from amis.notifying.kinds import Channel
from amis.notifying.leasing import Leased, lease
from amis.notifying.providers.provider import Provider
from amis.notifying.setting import Telling
from amis.notifying.settling import settle

IN_HAND = 10
"""Messages that a worker takes at once."""
Carriers = Mapping[Channel, Provider]


async def send_due(actor: Actor, telling: Telling, carriers: Carriers, silent: set[Channel]) -> int:
    """Sends what is due in the actor's municipality, at most as many as it lets out in a minute; how many were tried.

    A provider that does not answer is put into `silent`: whose messages are left alone from then on.
    """
    tried = 0
    while tried < telling.a_minute:
        most = min(IN_HAND, telling.a_minute - tried)
        async with transaction(actor) as tx:
            taken = await lease(tx, telling, carriers, silent, most)
        if not taken:
            break
        for one in taken:
            failure = await _carried(carriers, one, silent)
            async with transaction(actor) as tx:
                await settle(tx, one.outgoing.id, failure, set(carriers))
        tried += len(taken)
    return tried


async def _carried(carriers: Carriers, one: Leased, silent: set[Channel]) -> NotSent | None:
    """What kept the message from being carried; a provider found silent is noted and not asked again."""
    if one.channel in silent:
        return Unreachable("the provider does not answer")
    try:
        await asyncio.to_thread(carriers[one.channel].carry, one.outgoing)
    except Unreachable as failure:
        silent.add(one.channel)
        return failure
    except NotSent as failure:
        return failure
    return None
