"""Periodic work of the room: partitions before they are needed, replay keys forgotten when they are dead."""

from datetime import timedelta

from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.ticker import Job

MONTHS_AHEAD = 3
REPLAY_KEPT = timedelta(minutes=10)
"""A presentation is too old after a minute and a half; its key is kept well beyond that."""


async def make_partitions(connection: AsyncConnection) -> None:
    """Makes the partitions of this month and the next three."""
    await connection.execute("SELECT make_use_partitions(%s, %s)", (clock.today(), MONTHS_AHEAD))


async def forget_presentations(connection: AsyncConnection) -> None:
    """Deletes replay keys that no presentation can meet any more."""
    await connection.execute("DELETE FROM seen WHERE at < %s", (clock.now() - REPLAY_KEPT,))


JOBS = [
    Job("validating.partitions", timedelta(days=1), make_partitions),
    Job("validating.presentations", timedelta(minutes=10), forget_presentations),
]
