"""Acceptance cases that exist by single events, by the other ways in: a file of changes, a snapshot, a list by hand."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from sqlalchemy import select, text

from amis.demo.town import SOURCE
from amis.granting.store import entitlements_of, explain
from amis.intake import uploads
from amis.intake.batch_models import Batch
from amis.intake.batches import Delivery, receive
from amis.intake.importing import import_next
from amis.intake.models import Sender
from amis.intake.places import folder_of
from amis.intake.raw_files import Incoming
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.db import Transaction, transaction
from amis.kernel.ids import new_id
from amis.reporting.recovery_store import cases
from rules.period import Days
from sync.rows import to_line
from tests.town import ADULT, CLERK, Site, needy, riga
from tests.walks.test_acceptance import SPRING
from tests.walks.test_token_cases import notice

WAYS = "delta", "snapshot", "upload"
HEADING = "record_id;version;op;code;birth_date;status;valid_from;valid_to\r\n"
Event = dict[str, Any]
Counts = Mapping[str, int]
ALL_KNOWN = {"applied": 1, "unchanged": 1}
NAMES = "applied", "unchanged", "stale", "withdrawn"


async def brought(site: Site, way: str, *events: Event, as_of: int = 0) -> Counts:
    """What a source states, by this way; the counts of its batch that are not 0."""
    rows = [event["data"] for event in events]
    if way == "upload":
        return await worked(site, await uploaded(site, rows))
    incoming = Incoming(folder_of(site.settings), new_id())
    incoming.write(b"".join(map(to_line, rows)))
    async with transaction(CLERK) as tx:
        delivery = Delivery(way, "ndjson", "api", as_of if way == "snapshot" else None)
        batch = await receive(tx, await sender(tx), incoming.finish(), delivery)
    return await worked(site, batch.id)


async def uploaded(site: Site, rows: Sequence[Mapping[str, Any]]) -> Any:
    folder = folder_of(site.settings)
    content = (HEADING + "".join(map(line, rows))).encode()
    async with transaction(CLERK) as tx:
        upload = await uploads.take(tx, (await sender(tx)).id, uploads.keep(folder, content), "list.csv")
    shown = (await uploads.look(CLERK, folder, upload.id)).shown
    return await uploads.confirm(CLERK, folder, upload.id, shown)


def line(row: Mapping[str, Any]) -> str:
    named = [row["record_id"], row["version"], row["op"], row["person"]["code"], row["person"]["birth_date"]]
    return ";".join(map(str, [*named, row["status"], row["valid_from"], row["valid_to"] or ""])) + "\r\n"


async def sender(tx: Transaction) -> Sender:
    return (await tx.session.scalars(select(Sender).where(Sender.source == SOURCE))).one()


async def worked(site: Site, batch_id: Any) -> Counts:
    assert site.settings.database_worker_url is not None
    async with await AsyncConnection.connect(site.settings.database_worker_url, autocommit=True) as connection:
        while await import_next(connection, folder_of(site.settings)):
            pass
    async with transaction(CLERK) as tx:
        batch = await tx.session.get_one(Batch, batch_id)
    assert batch.state == "done", batch.error_detail
    return {name: getattr(batch, name) for name in NAMES if getattr(batch, name)}


async def rights(site: Site) -> list[Days]:
    async with transaction(CLERK) as tx:
        return [one.periods for one in await entitlements_of(tx, await site.person())]


@pytest.mark.parametrize("way", WAYS)
async def test_t02_a_status_revoked_two_seconds_ago_counts_and_the_explanation_names_the_file(
    site: Site, way: str
) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        assert await brought(site, "delta", needy("R1", 1, *SPRING)) == {"applied": 1}
        _, shown = await site.issue()
        assert (await site.tap(shown)).accepted
    with clock.moved(riga("2026-04-10 10:00:00")):
        # a snapshot revokes by not naming the record
        revoked = [] if way == "snapshot" else [needy("R1", 2, *SPRING, op="withdraw")]
        counts = await brought(site, way, *revoked, as_of=2)
        assert counts == ({"withdrawn": 1} if way == "snapshot" else {"applied": 1})
    with clock.moved(riga("2026-04-10 10:00:02")):
        after = await site.tap(shown)
        async with transaction(CLERK) as tx:
            explained = await explain(tx, await site.person(), clock.today())
            batches = [str(one) for one in await tx.session.scalars(select(Batch.id).order_by(Batch.queued_at))]
    assert (after.verdict, after.reason) == ("DENY", "NO_ENTITLEMENT")
    lost = next(one for one in explained if one.rule.concession_code == "JLG-NEEDY20")
    assert lost.changed is not None
    assert batches[-1] in lost.changed.ref


@pytest.mark.parametrize("way", WAYS)
async def test_t03_the_same_file_twice_is_unchanged_and_an_older_one_stale(site: Site, way: str) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        newest = needy("R1", 2, *SPRING)
        assert await brought(site, way, newest, as_of=2) == {"applied": 1}
        before = await rights(site)
        assert await brought(site, way, newest, as_of=3) == {"unchanged": 1}
        late = needy("R1", 1, SPRING[0], SPRING[1] + timedelta(days=60))
        assert await brought(site, way, late, as_of=1) == {"stale": 1}
        assert await site.states(late) == ["stale"]
        assert await rights(site) == before == [Days.parse("{[2026-03-01,2026-06-01)}")]


@pytest.mark.parametrize("way", WAYS)
async def test_t04_t25_a_renewal_extends_the_same_right_and_keeps_the_months_quota(site: Site, way: str) -> None:
    with clock.moved(riga("2026-05-20 09:00")):
        first = needy("R1", 1, *SPRING)
        assert await brought(site, way, first, as_of=1) == {"applied": 1}
        _, shown = await site.issue()
        assert (await site.tap(shown)).quota_left == 19
        renewed = needy("R2", 2, SPRING[1] - timedelta(days=10), SPRING[1] + timedelta(days=92))
        both = [first, renewed] if way == "snapshot" else [renewed]
        assert (await brought(site, way, *both, as_of=2))["applied"] == 1
        assert await rights(site) == [Days.parse("{[2026-03-01,2026-09-01)}")]
    with clock.moved(riga("2026-05-21 09:00")):
        assert (await site.tap(shown)).quota_left == 18


async def test_t05_a_revocation_14_days_back_by_a_snapshot_flags_the_rides_since(site: Site) -> None:
    with clock.moved(riga("2026-04-01 09:00")):
        assert await brought(site, "delta", needy("R1", 1, *SPRING)) == {"applied": 1}
        _, shown = await site.issue()
    for day in ("2026-04-08 09:00", "2026-04-10 09:00", "2026-04-20 09:00"):
        with clock.moved(riga(day)):
            assert (await site.tap(shown)).accepted
    with clock.moved(riga("2026-04-22 15:00")):
        corrected = needy("R1", 2, SPRING[0], date(2026, 4, 8))
        assert await brought(site, "snapshot", corrected, as_of=2) == {"applied": 1}
        assert (await site.tap(shown)).reason == "NO_ENTITLEMENT"
        async with transaction(CLERK) as tx:
            [case] = await cases(tx, "open")
            rides = await tx.session.scalar(text("SELECT count(*) FROM use"))
    assert str(case.days) == "{[2026-04-09,2026-04-22)}"
    # the rides stand as they were ridden
    assert (case.uses, rides) == (2, 3)


async def test_t22_t39_t40_what_became_of_somebody_holds_for_files_that_come_later(site: Site) -> None:
    new = "32345678910"
    with clock.moved(riga("2026-04-10 09:00")):
        assert await brought(site, "delta", needy("R1", 1, *SPRING)) == {"applied": 1}
        person, (token, shown) = await site.person(), await site.issue()
        changed = notice("person.code_changed.v1", ADULT, new_code=new, changed_on="2026-04-10")
        assert await site.states(changed) == ["applied"]
        # a file may name either code: the same person and the same token
        renewed = needy("R2", 3, SPRING[1], SPRING[1] + timedelta(days=92), code=new)
        assert await brought(site, "snapshot", needy("R1", 1, *SPRING), renewed, as_of=4) == ALL_KNOWN
        assert {await site.person(code) for code in (ADULT, new)} == {person}
        assert (await site.tap(shown)).accepted
        moved = notice("residence.changed.v1", new, municipality="RIX", since="2026-04-10")
        assert await site.states(moved) == ["applied"]
        assert await as_it_ended(token) == ("ended", "moved")
        assert await brought(site, "delta", needy("R3", 5, *SPRING, code=new)) == {"applied": 1}
        assert (await site.tap(shown)).reason == "TOKEN_BLOCKED"
    with clock.moved(riga("2026-04-14 09:00")):
        assert await site.states(notice("person.died.v1", ADULT, died_on="2026-04-12")) == ["applied"]
        late = needy("R4", 6, SPRING[0], SPRING[1] + timedelta(days=200), code=ADULT)
        assert await brought(site, "delta", late) == {"applied": 1}
        assert await rights(site) == [Days.parse("{[2026-03-01,2026-04-12)}")]


async def as_it_ended(token: UUID) -> tuple[str, str | None]:
    async with transaction(CLERK) as tx:
        found = await tokens.get_token(tx, token)
        return found.state, found.reason
