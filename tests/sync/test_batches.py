from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.batch_file import BatchFile
from sync.batches import BatchClient
from sync.digest import Digest
from sync.errors import AnswerUnreadable, RequestRefused
from sync.notice import Op
from tests.sync.machine_door import Laid, door, problem

CONTENT = b'{"record_id": "S-1"}\n' * 9000
TOLD = httpx.Response(202, headers={"location": "/sync/v1/batches/b1"}, json={})


def state(name: str, settled: int, total: int | None = 10, **more: Any) -> httpx.Response:
    told = {"id": "b1", "state": name, "total_rows": total, "next_row": settled, "counts": {"applied": settled}}
    return httpx.Response(200, json={**told, "error": None, **more})


def lines(*numbers: int) -> httpx.Response:
    rows = [
        {"row": number, "record_id": f"S-{number}", "verdict": "rejected", "code": "op.unknown"} for number in numbers
    ]
    return httpx.Response(200, text="".join(f"{json.dumps(row)}\n" for row in rows))


@pytest.mark.parametrize("from_disk", [False, True])
async def test_a_file_is_sent_with_its_digest_under_a_key_that_follows_from_it(tmp_path: Path, from_disk: bool) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_bytes(CONTENT)
    laid, sent = Laid(TOLD), list[int]()
    batch = BatchFile(path if from_disk else CONTENT, "snapshot", "ndjson", 42)
    assert await BatchClient(door(laid)[0], "sopa").send(batch, sent=sent.append) == "b1"
    ((request, body),) = laid.requests
    sha256 = hashlib.sha256(CONTENT).digest()
    assert body == CONTENT
    assert sum(sent) == len(CONTENT)
    assert dict(request.url.params) == {"kind": "snapshot", "as_of": "42", "source": "sopa"}
    assert request.headers["content-digest"] == f"sha-256=:{base64.b64encode(sha256).decode()}:"
    assert request.headers["idempotency-key"] == f"snapshot-42-{sha256.hex()}"
    assert request.headers["content-length"] == str(len(CONTENT))
    assert "content-encoding" not in request.headers


async def test_a_broken_off_upload_begins_anew_under_the_same_key() -> None:
    laid = Laid(httpx.ReadError("gone"), problem(409, "in_flight"), httpx.Response(200, headers=TOLD.headers))
    batch = BatchFile(CONTENT, "delta", "csv", gzipped=True)
    assert await BatchClient(door(laid)[0]).send(batch, "my-key") == "b1"
    assert [body for _, body in laid.requests] == [CONTENT] * 3
    assert {request.headers["idempotency-key"] for request, _ in laid.requests} == {"my-key"}
    assert laid.requests[0][0].headers["content-encoding"] == "gzip"


async def test_a_refused_file_is_an_error_with_the_receivers_code() -> None:
    with pytest.raises(RequestRefused) as refused:
        await BatchClient(door(Laid(problem(422, "digest_mismatch")))[0]).send(BatchFile(b"", "delta", "csv"))
    assert refused.value.problem == "digest_mismatch"
    with pytest.raises(AnswerUnreadable):
        await BatchClient(door(Laid(httpx.Response(202)))[0]).send(BatchFile(b"", "delta", "csv"))


async def test_a_batch_is_watched_until_it_ends() -> None:
    pauses: list[float] = []
    laid = Laid(state("received", 0, None), state("applying", 4), state("done", 10))
    seen: list[int] = []
    ended = await BatchClient(door(laid, pauses)[0]).watch("b1", lambda state: seen.append(state.settled))
    assert (ended.state, ended.total, ended.counts, ended.error) == ("done", 10, {"applied": 10}, None)
    assert seen == [0, 4, 10]
    assert len(pauses) == 2


async def test_a_file_that_was_refused_whole_says_where() -> None:
    error = {"code": "encoding.invalid", "detail": "line 17"}
    ended = await BatchClient(door(Laid(state("refused", 0, None, error=error)))[0]).watch("b1")
    assert ended.error == ("encoding.invalid", "line 17")


async def test_rows_are_read_page_by_page() -> None:
    laid = Laid(lines(*range(1, 1001)), lines(1001, 1003))
    rows = [row.row async for row in BatchClient(door(laid)[0]).rows("b1", "rejected")]
    assert rows == [*range(1, 1002), 1003]
    assert [request.url.params["after"] for request, _ in laid.requests] == ["0", "1000"]


async def test_the_digest_is_read() -> None:
    theirs = Digest("sopa", 7)
    theirs.add("S-1", 3, Op.UPSERT)
    laid = Laid(httpx.Response(200, json=theirs.to_json()))
    assert await BatchClient(door(laid)[0], "sopa").digest() == theirs


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda client: client.state("b1"), httpx.Response(200, json={"id": "b1"})),
        (lambda client: client.digest(), httpx.Response(200, json={"source": "sopa", "buckets": []})),
        (lambda client: client.rows("b1", "rejected").__anext__(), httpx.Response(200, text="{}\n")),
    ],
)
async def test_an_answer_that_tells_something_else_is_unreadable(call: Any, answer: httpx.Response) -> None:
    with pytest.raises(AnswerUnreadable):
        await call(BatchClient(door(Laid(answer))[0]))
