"""`amis outbound`."""

import json

from psycopg import AsyncConnection

from amis.kernel.db import transaction
from amis.outbound.webhooks import WebhookDraft, define_webhook
from tests.cli.conftest import Amis, amis
from tests.outbound.conftest import ADMIN
from tests.outbound.sink import tell

__all__ = ["amis"]


async def test_what_was_missed_is_sent_again_from_the_shell(amis: Amis, town: AsyncConnection) -> None:
    async with transaction(ADMIN) as tx:
        webhook, _ = await define_webhook(tx, WebhookDraft("Sink", "http://127.0.0.1:9/", ["token.blocked"]))
    await tell(town, *[("token.blocked", None)] * 3)
    await town.execute("UPDATE webhook SET cursor = 3")
    ours = ("--municipality", "jel")
    replayed = await amis("outbound", "replay", str(webhook.id), *ours, "--from", "2", "--to", "9")
    assert (replayed.exit_code, replayed.stdout) == (0, "2\n")
    listed = await amis("outbound", "list", *ours, "--json")
    assert json.loads(listed.stdout) == {
        "id": str(webhook.id),
        "label": "Sink",
        "state": "active",
        "cursor": 3,
        "waiting": 2,
        "given_up": 0,
    }
    assert str(webhook.id) in (await amis("outbound", "list", *ours)).stdout
    nothing = await amis("outbound", "replay", str(webhook.id), *ours)
    assert (nothing.exit_code, nothing.stderr) == (1, "Nothing lies in this range that could be sent again.\n")
    assert (await amis("outbound", "replay", str(webhook.id), *ours, "--from", "1")).exit_code == 2
