from dataclasses import astuple

import pytest

from amis.issuing import service
from amis.issuing.token_view import offered, view
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.staff.service import create_account
from cards.token import BlockReason
from tests.issuing.town import CHECK, CLERK, acting, entitled, issued, token

ACTIVE = (True, False, True, True, False)
LIFTED_OR_REPLACED = (False, True, True, True, False)
GONE = (False, False, True, True, False)
HELD = (False, True, False, False, True)


@pytest.mark.parametrize(
    ("reason", "steps"),
    [
        (None, ACTIVE),
        (BlockReason.LOST, GONE),
        (BlockReason.STOLEN, GONE),
        (BlockReason.HOLDER_REQUEST, LIFTED_OR_REPLACED),
        (BlockReason.MISUSE, HELD),
        (BlockReason.OFFICE, HELD),
    ],
)
async def test_the_page_offers_what_the_service_would_do(
    town: Actor, reason: BlockReason | None, steps: tuple[bool, ...]
) -> None:
    made = await issued(await entitled())
    if reason:
        await acting(lambda tx: service.block(tx, made.id, reason))
    assert astuple(offered(await token(made.id), CLERK)) == steps


async def test_the_history_names_the_clerk(town: Actor) -> None:
    async with transaction(CLERK) as tx:
        account, _ = await create_account(tx, "rita@example.test", "Rita Kļava", "krāsaina-ūdensroze-17", ["clerk"])
    rita = Actor("staff", str(account.id), account.name, 2, "Jelgava", CLERK.permissions)
    made = await issued(await entitled())
    async with transaction(rita) as tx:
        await service.block(tx, made.id, "stolen")
    shown = await acting(lambda tx: view(tx, made.id, CHECK, "en"))
    assert (shown.steps[0].what, shown.steps[0].why, shown.steps[0].by) == ("Blocked", "Stolen", "Rita Kļava")
    assert shown.code is None
