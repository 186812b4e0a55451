"""What a file of statuses costs to take in with all that follows from it, beside COPY alone and a naive import."""

import json
import os
from collections.abc import Sequence
from time import perf_counter

import psycopg

from amis.demo.town import SOURCE
from amis.kernel.postgres import SUPERUSER
from tests.bench.cpu import tree_seconds
from tests.bench.naive_sync import import_rows
from tests.bench.report import Cell, Goal, Section
from tests.bench.scale import FULL, Scale
from tests.bench.stage import Stage
from tests.bench.sync_sender import Sending, Taken, sending

_COPY = "COPY copied (record_id, version, op, code, name, status, first, last) FROM STDIN"
_TABLE = """
CREATE TABLE copied (record_id text, version bigint, op text, code text, name text, status text, first date, last date)
"""
COLUMNS = ("side", "rows", "seconds", "rows/s", "CPU us/row")
NOTES = (
    "Full effect: from the first byte at POST /sync/v1/batches (one web process) to the last commit of the importer "
    "(one worker process), under the role with row-level security: file sealed and fsynced, rows read twice, persons "
    "enrolled with sealed codes and names, ledger, arrivals, facts, rights with log, audit leaves, notes.",
    "Every row is of a record and a person of its own. Again: the same rows with a new version each.",
    "The reference does the same of each row through the ORM, a transaction a row (tests/bench/naive_sync.py).",
    "COPY alone: each line parsed as JSON and copied into a table without index. Seconds are wall time.",
)


async def sync(on: Stage, scale: Scale) -> Section:
    """New people, the same again, COPY, the reference; on the full scale a snapshot of a million too."""
    count = 100_000 if scale is FULL else 20_000
    async with sending(on) as by:
        await by.deliver(by.file(2_000), 2_000)
        content = by.file(count)
        taken = {
            "full effect, new people": await by.deliver(content, count),
            "full effect, changes": await by.deliver(_changed(content), count),
        }
        if scale is FULL:
            taken["snapshot of 1,000,000"] = await _snapshot(by, 1_000_000)
        copied = await _copied(on, content)
        naive = await _naive(on, by, 300 if scale is not FULL else 2_000)
    rows = [_row(name, one.rows, one.done, one.cpu_us) for name, one in taken.items()]
    return Section("Files of statuses", COLUMNS, [*rows, copied, naive], _goals(taken, naive), NOTES)


def _goals(taken: dict[str, Taken], naive: Sequence[Cell]) -> list[Goal]:
    first = taken["full effect, new people"]
    rate, cpu = float(naive[3]), float(naive[4])
    return [
        Goal("full effect, rows/s", first.rate, 15_000, at_most=False),
        Goal("times the reference, by wall time", first.rate / rate, 30, at_most=False),
        Goal("times the reference, by CPU time", cpu / first.cpu_us, 30, at_most=False),
    ]


def _row(name: str, count: int, seconds: float, cpu_us: float) -> tuple[Cell, ...]:
    return name, count, seconds, count / seconds, cpu_us


def _changed(content: bytes) -> bytes:
    """The same records with a higher version each and another last day."""
    lines = [json.loads(line) for line in content.splitlines()]
    changed = [line | {"version": line["version"] + 10_000_000, "valid_to": "2026-06-30"} for line in lines]
    return b"\n".join(json.dumps(line, ensure_ascii=False).encode() for line in changed)


async def _snapshot(by: Sending, count: int) -> Taken:
    """A snapshot of people whom nobody knows yet, taken at a point before all versions: nothing is withdrawn."""
    content = by.file(count)
    return await by.deliver(content, count, kind="snapshot", as_of="0")


async def _copied(on: Stage, content: bytes) -> tuple[Cell, ...]:
    worked, began = _cpu(on), perf_counter()
    lines = content.splitlines()
    async with await psycopg.AsyncConnection.connect(on.url(SUPERUSER)) as db:
        await db.execute(_TABLE)
        async with db.cursor().copy(_COPY) as copy:
            for line in lines:
                await copy.write_row(_cells(line))
    seconds = perf_counter() - began
    return _row("parse and COPY alone", len(lines), seconds, 1e6 * (_cpu(on) - worked) / len(lines))


def _cells(line: bytes) -> tuple[object, ...]:
    read = json.loads(line)
    person = read["person"]
    name = f"{person['given_name']} {person['family_name']}"
    about = read["record_id"], read["version"], read["op"], person["code"], name
    return *about, read["status"], read["valid_from"], read["valid_to"]


async def _naive(on: Stage, by: Sending, count: int) -> tuple[Cell, ...]:
    lines = by.file(count).splitlines()
    worked, began = _cpu(on), perf_counter()
    await import_rows(SOURCE, lines)
    seconds = perf_counter() - began
    return _row("reference: row by row, ORM", count, seconds, 1e6 * (_cpu(on) - worked) / count)


def _cpu(on: Stage) -> float:
    own = os.times()
    return own.user + own.system + tree_seconds(on.postmaster)
