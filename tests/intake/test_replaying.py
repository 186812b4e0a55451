"""A refused notice that somebody puts right."""

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from amis.intake import quarantine, waiting
from amis.intake.errors import AlreadyDecided, NotCorrectable, StillRefused
from amis.intake.models import Arrival
from amis.intake.replaying import replay
from amis.intake.waiting import Wanted
from amis.kernel.db import transaction
from amis.kernel.models import AuditEntry
from amis.register.models import Fact
from sync.verdict import RowCode, Verdict
from tests.intake.files import Files, row
from tests.intake.wire import READER, Wire, counted, event, new_code, of_person, rights


async def refused(wire: Wire, sent: dict[str, Any]) -> UUID:
    """The notice in quarantine that this event becomes."""
    await wire.send(sent)
    return (await newest()).id


async def newest() -> waiting.Held:
    async with transaction(READER) as tx:
        return (await waiting.held(tx, Wanted()))[0][-1]


async def replayed(quarantined_id: UUID, content: object) -> Verdict:
    async with transaction(READER) as tx:
        return await replay(tx, quarantined_id, json.dumps(content).encode())


async def facts_of(record: str) -> list[dict[str, Any]]:
    """Where the standing facts of a record come from."""
    async with transaction(READER) as tx:
        standing = select(Fact.provenance).where(Fact.record_id == record, Fact.recorded_to.is_(None))
        return [dict(one or {}) for one in await tx.session.scalars(standing)]


async def test_an_event_put_right_is_applied_as_a_new_arrival_that_the_old_one_names(wire: Wire) -> None:
    code = new_code()
    bad = of_person(code, "A", status="NEZINAMA")
    held = await refused(wire, bad)
    good = bad | {"data": bad["data"] | {"status": "TRUCIGA"}}
    assert await replayed(held, good) is Verdict.APPLIED
    assert await rights(code) != {}
    async with transaction(READER) as tx:
        after = await waiting.get(tx, held)
        arrival = await tx.session.get(Arrival, after.corrected_by)
        actions = list(await tx.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == str(held))))
    assert arrival is not None
    assert (after.state, after.corrected_verdict, arrival.verdict, arrival.key_id) == (
        "replayed",
        "applied",
        "applied",
        None,
    )
    assert actions == ["quarantine.replay"]
    assert (await facts_of("A"))[0]["arrival"] == str(arrival.id)
    with pytest.raises(AlreadyDecided):
        await replayed(held, good)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"status": "VEL_NEZINAMA"}, RowCode.STATUS_UNKNOWN, "/data/status"),
        ({"valid_from": "vakar"}, RowCode.VALID_FROM_INVALID, "/data/valid_from"),
    ],
)
async def test_what_is_refused_again_goes_on_waiting(
    wire: Wire, change: dict[str, str], code: RowCode, pointer: str
) -> None:
    bad = of_person(new_code(), "A", status="NEZINAMA")
    held = await refused(wire, bad)
    before = await counted("notice_arrival"), await counted("quarantine"), await counted("person")
    with pytest.raises(StillRefused) as found:
        await replayed(held, bad | {"data": bad["data"] | change})
    assert (found.value.error.code, found.value.error.pointer) == (code, pointer)
    assert before == (await counted("notice_arrival"), await counted("quarantine"), await counted("person"))
    assert (await newest()).state == "open"


async def test_what_came_right_in_the_meantime_changes_nothing(wire: Wire) -> None:
    code = new_code()
    held = await refused(wire, of_person(code, "A", status="NEZINAMA"))
    await wire.send(of_person(code, "A", 2))
    assert await replayed(held, of_person(code, "A", 2)) is Verdict.UNCHANGED
    held = await refused(wire, of_person(code, "A", 2, valid_to=None))
    with pytest.raises(StillRefused) as found:
        await replayed(held, of_person(code, "A", 2, valid_to="2026-12-31"))
    assert found.value.error.code is RowCode.VERSION_CONFLICT
    assert await replayed(held, of_person(code, "A", 1)) is Verdict.STALE


async def test_a_message_that_cannot_be_read_is_only_dismissed(wire: Wire) -> None:
    await wire.post(b"{not json")
    with pytest.raises(NotCorrectable):
        await replayed((await newest()).id, event())


async def test_a_row_put_right_keeps_its_file_and_row_number(files: Files) -> None:
    code = new_code()
    bad = row("A", 1, code, status="NEZINAMA")
    batch = await files.deliver(row("B", 1, new_code()), bad)
    held = await newest()
    assert (held.row_no, str(held.batch_id)) == (2, batch["id"])
    with pytest.raises(StillRefused):
        await replayed(held.id, bad)
    with pytest.raises(StillRefused):
        await replayed(held.id, [])
    assert await replayed(held.id, bad | {"status": "TRUCIGA"}) is Verdict.APPLIED
    assert await rights(code) != {}
    [provenance] = await facts_of("A")
    assert (provenance["batch"], provenance["row"]) == (batch["id"], 2)
    assert await counted("quarantine") == 1


async def test_a_row_of_a_snapshot_speaks_for_the_moment_of_the_snapshot(files: Files) -> None:
    code = new_code()
    bad, other = row("A", 3, code, status="NEZINAMA"), row("B", 4, new_code())
    await files.deliver(bad, other, kind="snapshot", as_of=10)
    held = await newest()
    good = bad | {"status": "TRUCIGA"}
    assert await replayed(held.id, good) is Verdict.APPLIED
    await files.deliver(other, row("C", 5, new_code(), status="NEZINAMA"), kind="snapshot", as_of=20)
    late = await newest()
    await files.deliver(other, kind="snapshot", as_of=30)
    assert await replayed(late.id, row("C", 5, new_code())) is Verdict.STALE


async def test_all_that_waits_for_one_reason_is_dismissed_at_once(wire: Wire) -> None:
    await wire.send(*(event(status="NEZINAMA") for _ in range(3)), event(op="delete"))
    await wire.post(b"{not json")
    async with transaction(READER) as tx:
        held, until = (await waiting.held(tx, Wanted()))[0], tx.at
    await wire.send(event(status="NEZINAMA"))
    async with transaction(READER) as tx:
        assert await quarantine.dismiss_alike(tx, held[0].sender_id, "status.unknown", until, "Agreed: not ours") == 3
        assert await quarantine.dismiss_alike(tx, held[0].sender_id, quarantine.WHOLE, until, "Not readable") == 1
        groups = {(one.code, one.count) for one in await waiting.alike(tx)}
        closed = (await waiting.held(tx, Wanted("dismissed")))[0]
    assert groups == {("status.unknown", 1), ("op.unknown", 1)}
    assert {one.reason for one in closed} == {"Agreed: not ours", "Not readable"}


async def test_reading_it_needs_a_purpose_and_is_logged(wire: Wire) -> None:
    held = await refused(wire, event(status="NEZINAMA"))
    async with transaction(READER) as tx:
        _, content = await quarantine.read(tx, held, "correction")
        assert json.loads(content)["data"]["status"] == "NEZINAMA"
        [leaf] = await tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "quarantine.read"))
    assert (leaf.subject_id, leaf.reason) == (str(held), "correction")
