"""A ledger to report on."""

import pytest
from psycopg import AsyncConnection

from tests.reporting.ledger import Ledger


@pytest.fixture
async def ledger(owner_connection: AsyncConnection) -> Ledger:
    return await Ledger(owner_connection).build()
