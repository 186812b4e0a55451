"""The report as JSON."""

from datetime import date
from uuid import uuid4

import httpx
import pytest

from amis.reporting.api import router
from tests.concessions.doors import application, client
from tests.reporting.ledger import READER, Ledger

JSON = {"accept": "application/json"}
DAY = date(2026, 5, 31)


@pytest.fixture
def machine(ledger: Ledger) -> httpx.AsyncClient:
    """A program that may read reports of Jelgava."""
    return client(application(READER, router))


async def test_amounts_are_exact_texts(ledger: Ledger, machine: httpx.AsyncClient) -> None:
    await ledger.use(DAY, "0.8500", "0.1001")
    answer = await machine.get("/v1/reports/uses?from=2026-05&to=2026-05", headers=JSON)
    assert answer.status_code == 200
    line = {"month": "2026-05", "provider": "JLG-BUS", "grantor": "JLG", "concession_id": str(ledger.needy)}
    line |= {"concession": "JLG-NEEDY20", "funder": "JLG"}
    sums = {"uses": 1, "gross": "0.8500", "payable": "0.1001", "discount": "0.7499"}
    assert answer.json() == {"from": "2026-05", "to": "2026-05", "lines": [line | sums], "total": sums}


async def test_a_report_can_be_narrowed(ledger: Ledger, machine: httpx.AsyncClient) -> None:
    await ledger.use(DAY)
    address = "/v1/reports/uses?from=2026-05&to=2026-05"
    for query, uses in (
        (f"concession={ledger.needy}", 1),
        (f"concession={uuid4()}", 0),
        ("funder=JLG", 1),
        ("provider=JLG-POOL", 0),
    ):
        assert (await machine.get(f"{address}&{query}", headers=JSON)).json()["total"]["uses"] == uses


@pytest.mark.parametrize(
    "query",
    ["from=2026-5", "from=2026-06&to=2026-05", "from=2020-01&to=2026-05", "concession=1", "unknown=1", "funder="],
)
async def test_a_wrong_query_is_a_problem(machine: httpx.AsyncClient, query: str) -> None:
    answer = await machine.get(f"/v1/reports/uses?{query}", headers=JSON)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "pointer" in answer.text
