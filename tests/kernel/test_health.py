"""Health, readiness and metrics."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from amis.kernel import db
from amis.kernel.health import ROUTES, metrics
from amis.kernel.permission import permission_of
from amis.kernel.settings import Settings


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=ROUTES))
    async with httpx.AsyncClient(transport=transport, base_url="http://amis.test") as http:
        yield http


async def test_a_process_with_its_database_is_ready(client: httpx.AsyncClient, database: Settings) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ready"}


async def test_a_process_without_its_database_lives_but_is_not_ready(client: httpx.AsyncClient) -> None:
    db.open_engine("postgresql+psycopg://amis_app@127.0.0.1:1/amis")
    try:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert (await client.get("/healthz")).json() == {"status": "ok"}
    finally:
        await db.close_engine()


async def test_metrics_are_prometheus_text_behind_a_permission(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "python_info" in answer.text
    assert permission_of(metrics) == "metrics.read"
