"""A list of an office on its way in by a page: read, shown, corrected, agreed to, and only then taken."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser
from psycopg import AsyncConnection
from sqlalchemy import select

from amis.intake import store
from amis.intake.batch_models import Batch
from amis.intake.models import Arrival
from amis.intake.places import folder_of
from amis.intake.raw_files import path_of
from amis.intake.upload_pages import ADDRESS, BODY_LIMIT, pages
from amis.kernel import clock
from amis.kernel.body import BodyLimit
from amis.kernel.db import transaction
from amis.kernel.settings import Settings, settings
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client
from tests.intake.files import ledger
from tests.intake.sheets import HEADINGS, Office, csv_of, entry, xlsx_of
from tests.intake.wire import READER, TOWN, new_code, rights


@pytest.fixture
async def office(
    database: Settings, worker_connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    monkeypatch.setenv("AMIS_DATA_DIR", str(database.data_dir))
    settings.cache_clear()
    app = application(READER, pages)
    app.add_middleware(BodyLimit, limits={ADDRESS: BODY_LIMIT})
    yield Office(client(app), worker_connection)
    settings.cache_clear()


async def newest() -> Batch:
    async with transaction(TOWN) as tx:
        found = (await tx.session.scalars(select(Batch).order_by(Batch.received_at.desc()).limit(1))).one()
        tx.session.expunge(found)
        return found


async def counts(office: Office, content: bytes, **changed: str) -> dict[str, int | str]:
    """Uploads a list, reads it as `changed` says, agrees; what became of its rows, those counted at all."""
    address = await office.upload(content)
    if changed:
        answer = await office.read_otherwise(address, **changed)
        assert answer.status_code == 303, answer.text
    await office.confirm(address)
    await office.work()
    batch = await newest()
    return {name: count for name, count in batch.counts.items() if count} | {"state": batch.state}


async def test_nothing_is_applied_before_the_list_is_agreed_to(office: Office) -> None:
    code = new_code()
    born = [*HEADINGS, "Dzimšanas datums"], [*entry(code), "17.05.1980."]
    address = await office.upload(csv_of(*born, encoding="cp1257"))
    page = await office.page(address)
    assert "Ērika Šķēle" in page
    assert "Windows-1257" in page
    await office.work()
    assert await ledger() == {}
    location = await office.confirm(address)
    await office.work()
    batch = await newest()
    assert location == f"/notices/batches/{batch.id}"
    assert (batch.via, batch.name, batch.state, batch.applied) == ("upload", "saraksts.csv", "done", 1)
    assert await rights(code)
    again = await office.client.get(address)
    assert (again.status_code, again.headers["location"]) == (303, location)


async def test_the_same_list_again_changes_nothing_and_a_changed_row_wins(office: Office) -> None:
    one, other = new_code(), new_code()
    assert await counts(office, csv_of(HEADINGS, entry(one), entry(other))) == {"applied": 2, "state": "done"}
    with clock.moved(clock.now() + timedelta(days=1)):
        later = csv_of(HEADINGS, entry(one), entry(other, last="30.06.2026"))
        assert await counts(office, later) == {"applied": 1, "unchanged": 1, "state": "done"}
        assert len(await ledger()) == 2


async def test_a_bad_row_stops_no_good_one_and_is_explained_beforehand(office: Office) -> None:
    good, bad, unknown = entry(new_code()), entry("010190-1111"), entry(new_code(), status="XYZ")
    eaten = [1019011119, "Ērika", "Šķēle", "TRUCIGA", "2026-03-01", None]
    address = await office.upload(xlsx_of([*HEADINGS], [*good], [*bad], [*unknown], eaten))
    page = await office.page(address)
    assert "010190-11119" in page
    assert "zero put back" in page
    assert "What stands for the personal code is none" in page
    assert "The table of this sender has no such status." in page
    await office.confirm(address)
    await office.work()
    batch = await newest()
    assert (batch.applied, batch.rejected) == (2, 2)
    async with transaction(TOWN) as tx:
        codes = await tx.session.scalars(select(Arrival.error_code).where(Arrival.error_code.is_not(None)))
        assert sorted(map(str, codes)) == ["person_code.invalid", "status.unknown"]


async def test_columns_are_corrected_and_remembered(office: Office) -> None:
    headings, code = ["Identifikators", "Kad sākas", "Kas"], new_code()
    address = await office.upload(csv_of(["Saraksts uz 1. martu"], headings, [code, "46082", "truciga"], mark=","))
    assert 'name="shown"' not in await office.page(address)
    wrong = await office.read_otherwise(address, column_code="Kas", column_status="Kas")
    assert wrong.status_code == 422
    assert "This column is used twice" in wrong.text
    assert "Enter the first day or choose the column that has it" in wrong.text
    right = {"column_code": "Identifikators", "column_valid_from": "Kad sākas", "column_status": "Kas"}
    assert (await office.read_otherwise(address, **right)).status_code == 303
    page = await office.page(address)
    assert "01/03/2026" in page
    assert "no end" in page
    await office.confirm(address)
    async with transaction(TOWN) as tx:
        profile = (await store.senders(tx))[0].profile
    assert profile is not None
    assert (profile["columns"]["code"], profile["columns"]["household"]) == ("Identifikators", "")
    assert 'name="shown"' in await office.page(await office.upload(csv_of(headings, [code, "46083", "REPR"])))


async def test_a_whole_list_that_leaves_out_many_waits_for_a_decision(office: Office) -> None:
    codes = [new_code() for _ in range(180)]
    whole = [entry(code) for code in codes]
    assert await counts(office, csv_of(HEADINGS, *whole), kind="snapshot") == {"applied": 180, "state": "done"}
    with clock.moved(clock.now() + timedelta(days=1)):
        less = csv_of(HEADINGS, *whole[:126])
        page = await office.page(await office.upload(less))
        assert "54 of 180" in page
        assert "it will wait for a decision" in page
        assert (await counts(office, less))["state"] == "held"
    with clock.moved(clock.now() + timedelta(days=2)):
        few = csv_of(HEADINGS, *whole[:176])
        assert await counts(office, few) == {"unchanged": 176, "withdrawn": 4, "state": "done"}


async def test_a_bad_row_of_a_whole_list_withdraws_nobody_unasked(office: Office) -> None:
    one, other = new_code(), new_code()
    await counts(office, csv_of(HEADINGS, entry(one), entry(other)), kind="snapshot")
    with clock.moved(clock.now() + timedelta(days=1)):
        mistyped = csv_of(HEADINGS, entry(one), entry(other[:-1]))
        assert (await counts(office, mistyped))["state"] == "held"
    assert {op for _, op, _ in (await ledger()).values()} == {"upsert"}


UNREADABLE = [
    (b"", "Choose a file"),
    (b"\xd0\xcf\x11\xe0 old", "it is neither CSV nor XLSX"),
    (csv_of(entry("010190-11119")), "The list has no row of headings"),
    (csv_of(HEADINGS, ['"open', "x"]), "line "),
    (xlsx_of([*HEADINGS], [new_code(), "A", "B", "TRUCIGA", "2026-03-01", "=A1+1"]), "Formulas have no results"),
]


async def test_a_file_that_cannot_be_read_is_refused_with_the_reason(office: Office) -> None:
    for content, told in UNREADABLE:
        answer = await office.choose(content)
        assert answer.status_code == 422
        assert told in answer.text


async def test_what_was_shown_to_somebody_is_what_they_alone_may_agree_to(office: Office) -> None:
    address = await office.upload(csv_of(HEADINGS, entry(new_code())))
    answer = await office.client.post(f"{address}/confirm", data={"shown": "another file"})
    assert answer.status_code == 409
    assert "has changed since it was shown" in answer.text
    colleague = client(application(replace(READER, id="reader-2"), pages))
    assert (await colleague.post(f"{address}/confirm", data={"shown": "x"})).status_code == 404
    assert (await colleague.get(address)).status_code == 403
    seen = (await colleague.get(f"{address}?purpose=check")).text
    assert "Only whoever handed the file over" in seen
    assert 'name="shown"' not in seen
    path_of(folder_of(settings()), UUID(address.rpartition("/")[2])).unlink()
    assert (await office.client.get(address)).status_code == 422
    assert (await office.client.post(f"{address}/discard")).status_code == 303
    assert (await office.client.get(address)).status_code == 404


async def test_the_walk_in_a_browser(office: Office, chromium: Browser, tmp_path: Path) -> None:
    code = new_code()
    file = tmp_path / "Saraksts (maijs).csv"
    file.write_bytes(csv_of(["PK", *HEADINGS[1:]], [code, "Ērika", "Šķēle", "TRUCIGA", "31.05.2026", "1.03.2026"]))
    async with serving(application(READER, pages)) as url:
        for language in LANGUAGES:
            page = await chromium.new_page(locale=language, viewport={"width": 375, "height": 800})
            await page.goto(f"{url}/notices/sources/{await office.sender()}/upload?lang={language}")
            assert await axe(page) == []
            await page.set_input_files("#file", file)
            await page.click("main form button")
            assert "Ērika Šķēle" in await page.inner_text("main")
            assert await axe(page) == []
            await page.select_option("#column-valid_from", "Līdz")
            await page.select_option("#column-valid_to", "No")
            await page.click("form:has(#heading) button")
            assert await page.locator(".govuk-error-summary").count() == 0
            assert await page.locator(".govuk-tag--red").count() == 0
            assert await axe(page) == []
        await page.click("form[action$=confirm] button")
        await page.close()
    await office.work()
    assert [op for _, op, _ in (await ledger()).values()] == ["upsert"]
