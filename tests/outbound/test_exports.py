"""Exports: a provider's month as files that add up, and documents in the law's terms that fit their schema."""

import csv
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from pathlib import Path

import httpx
import jsonschema_rs
import pytest
from psycopg import AsyncConnection

import amis.outbound
from amis.kernel.actor import Actor
from amis.outbound.avis import COLUMNS, Kind
from amis.outbound.avis_documents import json_schema
from amis.outbound.export_api import router
from tests.concessions.doors import application, client
from tests.reporting.ledger import READER, RIGA, Ledger

SCHEMA = Path(amis.outbound.__file__).parent / "documents.schema.json"
MAY = {"provider": "JLG-BUS", "month": "2026-05"}


@pytest.fixture
async def ledger(owner_connection: AsyncConnection) -> Ledger:
    """May at the bus: two uses and one taken back, one of somebody from Riga; another provider and another month."""
    made = await Ledger(owner_connection).build()
    await owner_connection.execute("UPDATE provider SET name = '=cmd()' WHERE code = 'JLG-BUS'")
    await owner_connection.execute(
        "INSERT INTO place VALUES (%(id)s, %(id)s, 'P-1', '=1+1', NULL, NULL, 'bus')", {"id": made.bus}
    )
    first = await made.use(date(2026, 5, 1))
    await made.take_back(first, date(2026, 5, 2))
    await made.use(date(2026, 5, 31), "1.50", "0.30")
    await made.use(date(2026, 5, 3), municipality=RIGA)
    await made.use(date(2026, 5, 3), municipality=RIGA, grantor=RIGA, concession=made.orphan)
    await made.use(date(2026, 5, 4), provider=made.pool)
    await made.use(date(2026, 6, 1))
    await owner_connection.execute("UPDATE use SET place_id = %s", (made.bus,))
    return made


@pytest.fixture
async def asking(ledger: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    async with client(application(READER, router)) as opened:
        yield opened


async def test_the_uses_of_a_month_are_the_sums_of_its_settlement(asking: httpx.AsyncClient) -> None:
    answer = await asking.get("/sync/v1/exports/uses", params=MAY)
    digest = b64decode(answer.headers["content-digest"].removeprefix("sha-256=:").removesuffix(":"))
    assert digest == sha256(answer.content).digest()
    assert answer.headers["content-disposition"] == 'attachment; filename="uses-jlg-bus-2026-05.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfuse_id,")
    rows = list(csv.DictReader(StringIO(answer.text.removeprefix("﻿"))))
    assert [row["day"] for row in rows] == ["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-31"]
    assert {row["place_name"] for row in rows} == {"'=1+1"}
    assert rows[1]["gross_eur"] == "-0.8500"
    settlement = await asking.get("/sync/v1/exports/settlement", params=MAY | {"format": "jsonl"})
    lines = [json.loads(line) for line in settlement.text.splitlines()]
    for name in ("gross_eur", "payable_eur", "discount_eur"):
        assert sum(Decimal(row[name]) for row in rows) == sum(Decimal(line[name]) for line in lines)
    assert {(line["state"], line["kind"], line["month"], line["provider"]) for line in lines} == {
        ("open", "uses", "2026-05", "JLG-BUS")
    }


async def test_an_export_of_nothing_is_a_file_with_its_heading(asking: httpx.AsyncClient) -> None:
    empty = await asking.get("/sync/v1/exports/uses", params=MAY | {"month": "2025-01"})
    assert (empty.status_code, empty.text.count("\r\n")) == (200, 1)
    lines = await asking.get("/sync/v1/exports/uses", params=MAY | {"month": "2025-01", "format": "jsonl"})
    assert (lines.status_code, lines.content) == (200, b"")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"provider": "NOBODY"}, 404),
        ({"month": "2026-13"}, 422),
        ({"provider": "'"}, 422),
        ({"format": "xml"}, 422),
    ],
)
async def test_what_is_not_there_is_not_exported(asking: httpx.AsyncClient, asked: dict[str, str], status: int) -> None:
    for name in ("uses", "settlement"):
        assert (await asking.get(f"/sync/v1/exports/{name}", params=MAY | asked)).status_code == status
    missing = await asking.get("/sync/v1/exports/documents/use-reports")
    assert missing.status_code == 404


async def test_every_document_fits_the_published_schema(asking: httpx.AsyncClient, ledger: Ledger) -> None:
    await _standing(ledger)
    schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    for kind in Kind:
        answer = await asking.get(f"/sync/v1/exports/documents/{kind}", params=MAY)
        told = [json.loads(line) for line in answer.text.splitlines()]
        assert told, kind
        for document in told:
            schema.validate(document)
            assert list(document) == list(COLUMNS[kind])
    assert (await asking.get("/sync/v1/exports/documents/schema")).json() == json_schema()


def test_the_published_schema_is_that_of_the_program() -> None:
    assert json.loads(SCHEMA.read_text()) == json_schema()


async def test_another_town_gets_its_own(ledger: Ledger) -> None:
    reader = Actor("staff", "other", "Other", RIGA, "Rīga")
    async with client(application(reader, router)) as asking:
        lines = (await asking.get("/sync/v1/exports/uses", params=MAY | {"format": "jsonl"})).text.splitlines()
        assert [json.loads(line)["municipality"] for line in lines] == ["RIX", "RIX"]
        await _standing(ledger)
        assert (await asking.get("/sync/v1/exports/documents/assignments")).content == b""


async def _standing(ledger: Ledger) -> None:
    """Terms of a concession, a person with an entitlement and a token."""
    person = ledger.bus
    statements = [
        "INSERT INTO concession_terms VALUES (%(needy)s, 1, 2, '2026-01-01', NULL, '{\"kind\": \"free\"}', NULL, '{}')",
        "INSERT INTO person (id, municipality_id, subject_key) VALUES (%(person)s, 2, 'x')",
        "INSERT INTO grant_rule VALUES (%(person)s, 2, 'R-1', %(needy)s, 'active')",
        "INSERT INTO entitlement (id, municipality_id, person_id, rule_id, concession_id, grantor_id, rule_version,"
        " rule_sha256, periods, suspended, changed_at) VALUES (%(person)s, 2, %(person)s, %(person)s, %(needy)s, 2, 1,"
        " '', '{[2026-01-01,2026-03-01),[2026-05-01,)}', '{[2026-06-01,2026-07-01)}', now())",
        "INSERT INTO status_list VALUES (1, '2030H1')",
        "INSERT INTO token (id, municipality_id, person_id, kind, state, number, status_list, status_index, status,"
        " valid_from, valid_to, requested_at) VALUES (%(person)s, 2, %(person)s, 'qr', 'active', '0123456789ABCDEF', 1,"
        " 1, 0, '2026-01-01', '2030-01-01', now())",
    ]
    for statement in statements:
        await ledger.db.execute(statement, {"needy": ledger.needy, "person": person})
