"""The door of files: durable before it is answered, once for each name, nothing of what is not as its digest says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx

from amis.concessions.seed_lv import JELGAVA
from amis.intake.batch_api import BATCHES, router
from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from sync.digest import digest_from_json, digest_of
from sync.notice import Op
from sync.order import LedgerEntry
from tests.concessions.doors import application, client
from tests.intake.files import Files, audited, content_digest, counted, ledger, ndjson, row, zipped
from tests.intake.wire import SOURCE, new_code, rights

FILE = ndjson(row("S-1", 1, "32345678901"))
DAYS = {"JLG-NEEDY20": "{[2026-03-01,2026-06-01)}"}


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def kept(files: Files) -> list[str]:
    """The files that lie in the folder."""
    return sorted(path.name for path in files.folder.rglob("*") if path.is_file())


async def test_a_file_is_durable_when_it_is_answered_and_takes_effect_a_moment_later(files: Files) -> None:
    code = new_code()
    content = ndjson(row("S-1", 1, code), row("S-2", 1, code, status="REPR"))
    answer = await files.post(content)
    received = answer.json()
    assert (answer.status_code, received["state"], received["total_rows"]) == (202, "received", None)
    assert answer.headers["location"] == f"{BATCHES}/{received['id']}"
    assert kept(files) == [f"{received['id']}.sealed"]
    assert content[:20] not in (files.folder / f"{received['id']}.sealed").read_bytes()
    await files.work()
    done = await files.told(answer.headers["location"])
    assert (done["state"], done["total_rows"], done["next_row"], done["error"]) == ("done", 2, 2, None)
    assert done["counts"] == counted(applied=2)
    assert DAYS.items() <= (await rights(code)).items()
    assert await audited(done["id"]) == ["notice_batch.receive", "notice_batch.finish"]


async def test_a_file_that_comes_again_is_the_same_batch(files: Files) -> None:
    first = await files.post(FILE, headers={"idempotency-key": "march"})
    await files.work()
    again = await files.post(FILE, headers={"idempotency-key": "march"})
    assert (again.status_code, again.headers["location"]) == (200, first.headers["location"])
    assert again.json()["state"] == "done"
    other = await files.post(FILE + b"\n", headers={"idempotency-key": "march"})
    assert refused(other) == (422, "idempotency_key_reused")
    as_snapshot = await files.post(FILE, "snapshot", {"idempotency-key": "march"}, as_of=9)
    assert refused(as_snapshot) == (422, "idempotency_key_reused")
    assert len(kept(files)) == 1


async def test_of_two_requests_with_one_name_the_second_has_to_wait(files: Files) -> None:
    half, rest = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield FILE[:10]
        half.set()
        await rest.wait()
        yield FILE[10:]

    named = {"idempotency-key": "march", "content-digest": content_digest(FILE)}
    first = asyncio.create_task(files.post(slowly(), headers=named))
    await half.wait()
    assert refused(await files.post(FILE, headers=named)) == (409, "batch_in_flight")
    rest.set()
    assert (await first).status_code == 202
    assert (await files.post(FILE, headers=named)).status_code == 200


REFUSED: list[tuple[dict[str, str], dict[str, Any], tuple[int, str]]] = [
    ({"content-digest": ""}, {}, (400, "content_digest_missing")),
    ({"content-digest": "sha-256=:AAAA:"}, {}, (400, "content_digest_missing")),
    ({"content-digest": content_digest(b"other")}, {}, (422, "digest_mismatch")),
    ({"idempotency-key": ""}, {}, (400, "idempotency_key_missing")),
    ({"idempotency-key": "a b"}, {}, (400, "idempotency_key_missing")),
    ({"content-type": "application/json"}, {}, (415, "not_rows")),
    ({"content-type": "text/csv; charset=windows-1257"}, {}, (415, "not_rows")),
    ({"content-encoding": "br"}, {}, (415, "not_rows")),
    ({}, {"kind": "snapshot"}, (422, "snapshot_point_missing")),
    ({}, {"as_of": 7}, (422, "snapshot_point_missing")),
    ({}, {"source": "vsaa"}, (403, "machine_sends_nothing")),
    ({"content-length": str(2**30)}, {}, (413, "too_large")),
]


async def test_nothing_is_kept_of_a_request_that_is_not_as_agreed(files: Files) -> None:
    for headers, asked, told in REFUSED:
        assert refused(await files.post(FILE, headers=headers, **asked)) == told
        assert kept(files) == []
    await files.work()
    assert await ledger() == {}


async def test_a_request_that_breaks_off_leaves_nothing_and_can_be_sent_again(files: Files) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield FILE[:10]
        raise OSError("the line is cut")

    named = {"idempotency-key": "march", "content-digest": content_digest(FILE)}
    assert (await files.post(broken(), headers=named)).status_code == 503
    assert kept(files) == []
    assert (await files.post(FILE, headers=named)).status_code == 202


async def test_csv_and_gzip_say_the_same_as_ndjson(files: Files) -> None:
    code = new_code()
    heading = "record_id;version;op;code;birth_date;status;valid_from;valid_to\r\n"
    table = f"{heading}S-1;1;upsert;{code};1980-05-17;TRUCIGA;2026-03-01;2026-05-31\r\n".encode()
    content, coded = zipped(table)
    csv = await files.deliver_file(content, headers=coded | {"content-type": "text/csv; charset=utf-8"})
    assert (csv["state"], csv["format"], csv["counts"]) == ("done", "csv", counted(applied=1))
    assert await rights(code) == DAYS
    content, coded = zipped(ndjson(row("S-1", 1, code)))
    assert (await files.deliver_file(content, headers=coded))["counts"] == counted(unchanged=1)


async def test_rows_are_told_by_verdict_and_page_by_page(files: Files) -> None:
    code = new_code()
    bad = [row(f"B-{number}", 0, code) for number in range(5)]
    batch = await files.deliver(row("S-1", 1, code), *bad, row("S-1", 1, code), row("S-1", 1, code, status="REPR"))
    assert batch["counts"] == counted(applied=1, rejected=5, unchanged=1, conflict=1)
    found = await files.rows(batch, verdict="rejected", limit=2)
    assert [line["row"] for line in found] == [2, 3]
    assert found[0] == {"row": 2, "record_id": None, "verdict": "rejected", "code": "version.invalid"} | {
        "pointer": "/data/version"
    }
    assert [line["row"] for line in await files.rows(batch, verdict="rejected", after=3)] == [4, 5, 6]
    assert [(line["row"], line["verdict"]) for line in await files.rows(batch, after=6)] == [(8, "conflict")]


async def test_batches_of_others_are_not_told(files: Files) -> None:
    batch = await files.deliver(row("S-1", 1, new_code()))
    other = Actor("machine", str(new_id()), "other", JELGAVA, "Jelgava", frozenset({"notice.create"}))
    stranger = client(application(other, router))
    json = {"accept": "application/json"}
    assert refused(await stranger.get(f"{BATCHES}/{batch['id']}", headers=json)) == (404, "notice_batch_unknown")
    assert refused(await stranger.get(f"{BATCHES}/{batch['id']}/rows", headers=json)) == (404, "notice_batch_unknown")
    assert refused(await stranger.get("/sync/v1/facts/digest", headers=json)) == (403, "machine_sends_nothing")


async def test_the_digest_is_that_of_the_ledger(files: Files) -> None:
    code = new_code()
    rows = [row(f"S-{number}", number, code) for number in range(1, 30)]
    await files.deliver(*rows, row("S-ā", 40, code), row("S-30", 31, code, op="withdraw"))

    async def agrees(floor: int | None, count: int) -> None:
        answer = await files.client.get("/sync/v1/facts/digest", headers={"accept": "application/json"})
        found = digest_from_json(answer.json())
        entries = {name: LedgerEntry(version, Op(op), b"", at) for name, (version, op, at) in (await ledger()).items()}
        assert found == digest_of(SOURCE, entries, floor)
        assert found.count == count

    await agrees(None, 31)
    await files.deliver(*rows[5:], row("S-ā", 40, code), kind="snapshot", as_of=30)
    await agrees(30, 26)


async def test_people_release_or_refuse_what_is_held(files: Files) -> None:
    code = new_code()
    await files.deliver(row("S-1", 1, code))
    held = [await files.deliver(b"{}", kind="snapshot", as_of=as_of) for as_of in (5, 6)]
    assert [batch["state"] for batch in held] == ["held", "held"]
    json = {"accept": "application/json"}
    place = [f"{BATCHES}/{batch['id']}" for batch in held]
    assert refused(await files.client.post(f"{place[0]}/refuse?reason=x", headers=json)) == (422, "reason_missing")
    answer = await files.client.post(f"{place[0]}/refuse?reason=a half file", headers=json)
    assert answer.json()["state"] == "refused"
    assert refused(await files.client.post(f"{place[0]}/release", headers=json)) == (409, "batch_decided")
    assert await rights(code) == DAYS
    assert (await files.client.post(f"{place[1]}/release", headers=json)).json()["state"] == "received"
    await files.work()
    assert (await files.told(place[1]))["counts"] == counted(rejected=1, withdrawn=1)
    assert await rights(code) == {}
    steps = await audited(held[1]["id"])
    assert steps[1:] == ["notice_batch.hold", "notice_batch.release", "notice_batch.finish"]
