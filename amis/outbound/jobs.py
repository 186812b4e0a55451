"""Periodic work of the room: what is older than the settings say is forgotten."""

from datetime import timedelta

from psycopg import AsyncConnection

from amis.kernel import clock, feed
from amis.kernel.settings import settings
from amis.kernel.ticker import Job


async def forget(connection: AsyncConnection) -> None:
    """Takes away entries of the feed and deliveries with their tries that are older than `feed_days`."""
    before = clock.now() - timedelta(days=settings().feed_days)
    await connection.execute("DELETE FROM webhook_delivery WHERE made_at < %s", (before,))
    await feed.forget(connection, before)


JOBS = [Job("outbound.forget", timedelta(days=1), forget)]
