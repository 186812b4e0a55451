"""Whatever a source sends wrongly lands in its stated verdict, stops nothing that is right, and is kept as it came."""

import base64
import gzip
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from psycopg import AsyncConnection
from sqlalchemy import select

from amis.demo.town import SOURCE
from amis.granting.store import entitlements_of
from amis.intake import uploads
from amis.intake.api import EVENTS
from amis.intake.arrival import open_refused
from amis.intake.batch_api import BATCHES
from amis.intake.batch_models import Batch
from amis.intake.importing import import_next
from amis.intake.models import Quarantined, Sender
from amis.intake.places import folder_of
from amis.intake.raw_files import read_blocks
from amis.intake.upload_models import Upload
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.register.store import find_by_code, open_person
from sync import signature
from sync.message import BATCHED, STRUCTURED
from sync.personal_code import draw_newer, draw_with_birth_date
from sync.rows import to_line
from tests.sync_machine import paired_sender
from tests.town import CLERK, Site
from tests.walks.machines import bearer_in

NDJSON, CSV = "application/x-ndjson", "text/csv"
HEADING = "record_id;version;op;code;family_name;birth_date;status;valid_from;valid_to"
_codes = random.Random(17)
PERSON = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What a case was answered, whom it must give a right, and which bytes must be kept (None: none may be)."""

    verdict: str
    good: Sequence[str] = ()
    kept: bytes | None = None


@dataclass
class Sending:
    """The town's social system, on every way in."""

    site: Site
    bearer: str
    worker: AsyncConnection
    number: int = 0

    def row(self, code: str = "", **more: Any) -> PERSON:
        """A good row of a record of its own."""
        self.number += 1
        usual = {"record_id": f"B-{self.number}", "version": self.number, "op": "upsert", "status": "REPR"}
        person = {"code": code or draw_newer(_codes), "birth_date": "1980-05-17"}
        return usual | {"person": person, "valid_from": "2026-01-01", "valid_to": None} | more

    async def file(self, content: bytes, media: str = NDJSON, **more: Any) -> tuple[httpx.Response, dict[str, Any]]:
        """A file at the door, and the batch once nothing more happens to it."""
        digest = base64.b64encode(sha256(more.pop("digest_of", content)).digest()).decode()
        headers = {"authorization": f"Bearer {self.bearer}", "accept": "application/json"}
        headers |= {"content-type": media, "content-digest": f"sha-256=:{digest}:"} | more.pop("headers", {})
        headers["idempotency-key"] = f"key-{clock.now().timestamp()}"
        answer = await self.site.http.post(
            f"{self.site.url}{BATCHES}", params={"kind": "delta"} | more, content=content, headers=headers
        )
        while await import_next(self.worker, folder_of(self.site.settings)):
            pass
        if not answer.is_success:
            return answer, {}
        return answer, (
            await self.site.http.get(f"{self.site.url}{answer.headers['location']}", headers=headers)
        ).json()

    async def events(
        self, body: bytes, media: str = BATCHED, message_id: str = "", age: timedelta = timedelta(0)
    ) -> httpx.Response:
        """A signed message of that age."""
        signing = [signature.signing_key(self.site.town.sender_key)]
        self.number += 1
        headers = signature.sign(signing, message_id or f"msg_{self.number}", clock.now() - age, body)
        return await self.site.http.post(
            f"{self.site.url}{EVENTS}", content=body, headers=headers | {"content-type": media}
        )

    async def uploaded(self, content: bytes, name: str) -> dict[str, Any]:
        """A file that a clerk hands over and confirms; the counts of its batch."""
        folder = folder_of(self.site.settings)
        async with transaction(CLERK) as tx:
            sender = (await tx.session.scalars(select(Sender).where(Sender.source == SOURCE))).one()
            upload = await uploads.take(tx, sender.id, uploads.keep(folder, content), name)
        shown = (await uploads.look(CLERK, folder, upload.id)).shown
        batch_id = await uploads.confirm(CLERK, folder, upload.id, shown)
        while await import_next(self.worker, folder):
            pass
        async with transaction(CLERK) as tx:
            batch = await tx.session.get_one(Batch, batch_id)
            return {"state": batch.state, "applied": batch.applied, "rejected": batch.rejected}


@asynccontextmanager
async def sending(site: Site, folder: Path) -> AsyncIterator[Sending]:
    home, _ = await paired_sender(site, folder)
    assert site.settings.database_worker_url is not None
    async with await AsyncConnection.connect(site.settings.database_worker_url, autocommit=True) as worker:
        yield Sending(site, await bearer_in(site, home), worker)


def lines(*rows: PERSON | bytes) -> bytes:
    return b"".join(row if isinstance(row, bytes) else to_line(row) for row in rows)


def codes(*rows: PERSON) -> list[str]:
    return [row["person"]["code"] for row in rows]


def as_event(row: PERSON, kind: str = "status.fact.v1") -> PERSON:
    return {"specversion": "1.0", "id": f"e-{row['record_id']}", "source": SOURCE, "type": kind, "data": row}


def table(*rows: PERSON, heading: str = HEADING) -> str:
    return "\r\n".join([heading, *map(_cells, rows), ""])


def _cells(row: PERSON) -> str:
    whose, name = row["person"], row["person"].get("family_name", "")
    named = row["record_id"], row["version"], row["op"], whose["code"], name, whose["birth_date"]
    return ";".join(map(str, (*named, row["status"], row["valid_from"], "")))


def of_batch(batch: dict[str, Any]) -> str:
    """What there is to say of a batch: state, why, and the counts that are not 0."""
    counts = " ".join(f"{name}={count}" for name, count in batch["counts"].items() if count)
    error = batch["error"]
    return " ".join(part for part in (batch["state"], error and error["code"], counts) if part)


async def bad_row(by: Sending) -> Told:
    first, bad, last = by.row(), by.row(status="KAS?"), by.row()
    _, batch = await by.file(lines(first, bad, last))
    return Told(of_batch(batch), codes(first, last), lines(bad).strip())


async def line_that_is_no_row(by: Sending) -> Told:
    first, last = by.row(), by.row()
    _, batch = await by.file(lines(first, b'{"record_id": "B-\n', last))
    return Told(of_batch(batch), codes(first, last), b'{"record_id": "B-')


async def bad_file(by: Sending) -> Told:
    content = table(by.row(), heading=HEADING.replace("status", "income")).encode()
    _, batch = await by.file(content, CSV)
    return Told(of_batch(batch), kept=content)


async def truncated_gzip(by: Sending) -> Told:
    content = gzip.compress(lines(*(by.row() for _ in range(50))))[:-10]
    _, batch = await by.file(content, headers={"content-encoding": "gzip"})
    return Told(of_batch(batch), kept=content)


async def wrong_digest(by: Sending) -> Told:
    row = by.row()
    answer, _ = await by.file(lines(row), digest_of=b"another file")
    assert await nobody(row)
    _, batch = await by.file(lines(row))
    return Told(f"{answer.status_code} {answer.json()['code']}, then {of_batch(batch)}", codes(row))


async def replayed_signature(by: Sending) -> Told:
    row, late = by.row(), by.row()
    body = json.dumps([as_event(row)]).encode()
    found = [await by.events(body, message_id="msg_again") for _ in range(2)]
    old = await by.events(json.dumps([as_event(late)]).encode(), age=timedelta(minutes=6))
    assert await nobody(late)
    verdicts = [answer.json()["verdicts"][0]["verdict"] for answer in found]
    return Told(f"{' '.join(verdicts)} {old.status_code} {old.json()['code']}", codes(row))


async def poison_message(by: Sending) -> Told:
    body = b"[" * 100_000
    found = [await by.events(body, message_id="msg_poison") for _ in range(3)]
    answers = {f"{answer.status_code} {answer.json()['code']}" for answer in found}
    async with transaction(CLERK) as tx:
        same = select(Quarantined).where(Quarantined.message_id == "msg_poison")
        assert len((await tx.session.scalars(same)).all()) == 1
    return Told(" ".join(answers), kept=body)


async def poison_row(by: Sending) -> Told:
    first, last, bad = by.row(), by.row(), b'{"record_id":' + b"[" * 20_000 + b"\n"
    _, batch = await by.file(lines(first, bad, last))
    return Told(of_batch(batch), codes(first, last), bad.strip())


async def unknown_type(by: Sending) -> Told:
    first, last = by.row(), by.row()
    bad = as_event(by.row(), "person.knighted.v1")
    answer = await by.events(json.dumps([as_event(first), bad, as_event(last)]).encode())
    return Told(_verdicts(answer), codes(first, last), b"person.knighted.v1")


async def unknown_type_alone(by: Sending) -> Told:
    body = json.dumps(as_event(by.row(), "status.fact.v7")).encode()
    return Told(_verdicts(await by.events(body, STRUCTURED)), kept=body)


async def withdrawal_of_a_third(by: Sending) -> Told:
    rows = [by.row() for _ in range(180)]
    _, before = await by.file(lines(*rows))
    assert of_batch(before) == "done applied=180"
    content = lines(*rows[: 180 * 7 // 10])
    _, batch = await by.file(content, kind="snapshot", as_of=by.number)
    assert batch["diff"]["withdrawn"] >= 54
    return Told(of_batch(batch), codes(*rows), content)


async def windows_1257_at_the_door(by: Sending) -> Told:
    content = table(by.row(), by.row(person=_berzina())).encode("cp1257")
    _, batch = await by.file(content, CSV)
    assert batch["error"]["detail"].startswith("line 3: ")
    return Told(of_batch(batch), kept=content)


async def windows_1257_by_hand(by: Sending) -> Told:
    row, other = by.row(person=_berzina()), by.row()
    content = table(row, other).encode("cp1257")
    counts = await by.uploaded(content, "marts.csv")
    async with transaction(CLERK) as tx:
        person_id = await find_by_code(tx, row["person"]["code"])
        assert person_id is not None
        assert (await open_person(tx, person_id, "test")).name == "Bērziņa-Šķēle"
    return Told(_counts(counts), codes(row, other), content)


def _berzina() -> PERSON:
    return {"code": draw_newer(_codes), "family_name": "Bērziņa-Šķēle", "birth_date": "1980-05-17"}


async def eaten_zeros_at_the_door(by: Sending) -> Told:
    first, bad = by.row(), by.row(code=_of_the_fifth()[1:])
    content = table(first, bad, last := by.row()).encode()
    _, batch = await by.file(content, CSV)
    return Told(of_batch(batch), codes(first, last), content)


async def eaten_zeros_by_hand(by: Sending) -> Told:
    code = _of_the_fifth()
    row, other = by.row(code=code[1:]), by.row()
    row["person"]["birth_date"] = "1990-01-05"
    content = table(row, other).encode()
    return Told(_counts(await by.uploaded(content, "rows.csv")), [code, *codes(other)], content)


def _of_the_fifth() -> str:
    """A code of the older form, which begins with the day of birth."""
    code = draw_with_birth_date(_codes, date(1990, 1, 5)).replace("-", "")
    assert code.startswith("05")
    return code


def _verdicts(answer: httpx.Response) -> str:
    told = [(line["verdict"], (line.get("error") or {}).get("code", "")) for line in answer.json()["verdicts"]]
    return " ".join(part for line in told for part in line if part)


def _counts(batch: dict[str, Any]) -> str:
    return f"{batch['state']} applied={batch['applied']} rejected={batch['rejected']}"


TABLE: list[tuple[Callable[[Sending], Awaitable[Told]], str]] = [
    (bad_row, "done applied=2 rejected=1"),
    (line_that_is_no_row, "done applied=2 rejected=1"),
    (bad_file, "refused columns.mismatch"),
    (truncated_gzip, "refused gzip.truncated"),
    (wrong_digest, "422 digest_mismatch, then done applied=1"),
    (replayed_signature, "applied unchanged 401 signature_refused"),
    (poison_message, "400 body_unreadable"),
    (poison_row, "done applied=2 rejected=1"),
    (unknown_type, "applied rejected schema.unsupported applied"),
    (unknown_type_alone, "rejected schema.unsupported"),
    (withdrawal_of_a_third, "held"),
    (windows_1257_at_the_door, "refused encoding.invalid"),
    (windows_1257_by_hand, "done applied=2 rejected=0"),
    (eaten_zeros_at_the_door, "done applied=2 rejected=1"),
    (eaten_zeros_by_hand, "done applied=2 rejected=0"),
]


async def test_everything_wrong_lands_in_its_verdict_is_kept_and_stops_nothing(site: Site, tmp_path: Path) -> None:
    found, good = {}, list[str]()
    async with sending(site, tmp_path) as by:
        for case, _ in TABLE:
            before = await kept(site)
            told = await case(by)
            found[case.__name__] = told.verdict
            more = [one for one in await kept(site) if one not in before]
            assert told.kept is None or any(told.kept in one for one in more), case.__name__
            good += told.good
            # and what comes next from the same source is taken
            following = by.row()
            assert of_batch((await by.file(lines(following)))[1]) == "done applied=1", case.__name__
            good += codes(following)
    assert found == {case.__name__: verdict for case, verdict in TABLE}
    assert [code for code in good if not await granted(code)] == []


async def granted(code: str) -> bool:
    async with transaction(CLERK) as tx:
        person_id = await find_by_code(tx, code)
        return person_id is not None and bool(await entitlements_of(tx, person_id))


async def nobody(row: PERSON) -> bool:
    async with transaction(CLERK) as tx:
        return await find_by_code(tx, row["person"]["code"]) is None


async def kept(site: Site) -> list[bytes]:
    """Everything that is kept as it came, opened: what was refused singly, files at the door, files handed over."""
    folder = folder_of(site.settings)
    async with transaction(CLERK) as tx:
        refused = [open_refused(row) for row in await tx.session.scalars(select(Quarantined))]
        files = [(one.id, one.raw_key) for one in await tx.session.scalars(select(Batch))]
        files += [(one.id, one.raw_key) for one in await tx.session.scalars(select(Upload))]
    return refused + [b"".join(read_blocks(folder, file_id, key)) for file_id, key in files]
