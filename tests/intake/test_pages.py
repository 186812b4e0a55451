"""Pages of notices: who sends, what arrived, what waits; files of rows; one source."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser

from amis.app import create
from amis.intake import store, waiting
from amis.intake.pages import pages
from amis.intake.waiting import Wanted
from amis.kernel.db import transaction
from amis.register.store import ranks
from amis.staff.routes import entrances
from sync.mapping import mapping_from_json
from tests.browser import LANGUAGES, axe, serving
from tests.concessions.doors import application, client
from tests.intake.files import Files, ndjson, row
from tests.intake.wire import READER, TOWN, Wire, counted, event, new_code, new_key, of_person, rights

BOSS = replace(READER, permissions=READER.permissions | {"terminal.write"})


async def filled(wire: Wire) -> str:
    """Every verdict there is, and a code that a sender put where none belongs; returns the address of a notice."""
    code, stray = new_code(), new_code()
    digits = stray.replace("-", "")
    first = of_person(code, "A", 2)
    await wire.send(first)
    await wire.send(first, of_person(code, "A", 1), of_person(code, "A", 2, valid_to=None))
    alive = event("person.died.v1", person={"code": code}, died_on="2026-04-01", op="withdraw")
    await wire.send(event(status="NEZINAMA"), alive, event(**{digits: "x"}), of_person(stray, stray))
    page = (await wire.client.get("/notices")).text + (await wire.client.get("/notices/quarantine")).text
    assert code not in page
    assert stray not in page
    assert digits not in page
    return f"/notices/quarantine/{(await _held('status.unknown')).id}"


async def _held(code: str) -> waiting.Held:
    async with transaction(READER) as tx:
        return (await waiting.held(tx, Wanted(code=code)))[0][-1]


async def source_address() -> str:
    async with transaction(TOWN) as tx:
        return f"/notices/sources/{(await store.senders(tx))[0].id}"


@pytest.fixture
def boss(wire: Wire) -> httpx.AsyncClient:
    """Somebody who may change sources and machines."""
    return client(application(BOSS, pages))


async def test_an_empty_intake_says_so(browser: httpx.AsyncClient) -> None:
    found = {path: await browser.get(path) for path in ("/notices", "/notices/quarantine", "/notices/batches")}
    assert {answer.status_code for answer in found.values()} == {200}
    for text in (
        "Sociālo lietu pārvalde",
        "sopa/jelgava",
        "never",
        "Nothing waits for a decision",
        "Nothing has arrived",
    ):
        assert text in found["/notices"].text
    assert "Nothing has been measured yet" in found["/notices"].text
    assert "Whatever is refused will stand here." in found["/notices/quarantine"].text
    assert "No file has come yet" in found["/notices/batches"].text
    assert "Nothing was refused" in (await browser.get("/notices?show=refused")).text
    assert "Nothing found" in (await browser.get("/notices/quarantine?code=status.unknown&sender=x")).text


async def test_sources_and_arrivals_are_shown_with_verdict_and_reason(wire: Wire, browser: httpx.AsyncClient) -> None:
    await filled(wire)
    every = (await browser.get("/notices")).text
    for text in (
        "Applied: 3",
        "Repeated, nothing new: 1",
        "Older than what is known: 1",
        "Rejected: 2",
        "99 of 100 within",
    ):
        assert text in every, text
    assert "status.unknown /data/status" in every
    refused = (await browser.get("/notices?show=refused")).text
    assert "status.unknown" in refused


async def test_the_page_speaks_latvian(wire: Wire, browser: httpx.AsyncClient) -> None:
    address = await filled(wire)
    page = (await browser.get("/notices?lang=lv")).text
    for text in ("Avoti", "Pēdējoreiz dzirdēts", "Ir pretrunā ar zināmo", "Šī sūtītāja tabulā tāda statusa nav."):
        assert text in page
    assert "Slēgt šo ziņojumu bez apstrādes?" in (await browser.get(f"{address}?lang=lv")).text


async def test_a_notice_is_dismissed_with_a_reason(wire: Wire, browser: httpx.AsyncClient) -> None:
    address = await filled(wire)
    wrong = await browser.post(address, data={"reason": " "})
    assert wrong.status_code == 422
    assert "Say why, in 3 to 500 characters." in wrong.text
    answer = await browser.post(address, data={"reason": "The sender corrected it"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notices/quarantine?notice=saved")
    assert address not in (await browser.get("/notices/quarantine")).text
    assert address in (await browser.get("/notices/quarantine?state=dismissed")).text
    closed = await browser.get(address)
    assert "The sender corrected it" in closed.text
    assert "<textarea" not in closed.text
    assert (await browser.post(address, data={"reason": "Once more"})).status_code == 409


async def test_all_of_one_source_and_reason_are_dismissed_together(wire: Wire, browser: httpx.AsyncClient) -> None:
    await wire.send(*(event(status="NEZINAMA") for _ in range(3)), event(op="delete"))
    listed = (await browser.get("/notices/quarantine")).text
    [link] = re.findall(r'href="(/notices/quarantine\?sender=[^"]+code=status.unknown)"', listed)
    page = (await browser.get(link.replace("&amp;", "&"))).text
    assert "Dismiss 3 notices" in page
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert (await browser.post("/notices/quarantine/dismiss", data=form | {"reason": ""})).status_code == 422
    done = await browser.post("/notices/quarantine/dismiss", data=form | {"reason": "Agreed to be left out"})
    assert done.status_code == 303
    async with transaction(READER) as tx:
        assert [one.error_code for one in (await waiting.held(tx, Wanted()))[0]] == ["op.unknown"]
    for broken in ({}, form | {"sender": "x"}, form | {"until": "2026-01-01"}, form | {"code": ""}):
        assert (await browser.post("/notices/quarantine/dismiss", data=broken)).status_code == 400


async def test_a_notice_is_opened_for_a_purpose_and_put_right_beside_what_was_wrong(
    wire: Wire, browser: httpx.AsyncClient
) -> None:
    code = new_code()
    await wire.send(of_person(code, "A", status="NEZINAMA", income=7))
    address = f"/notices/quarantine/{(await _held('schema.unsupported')).id}/correct"
    assert (await browser.get(address)).status_code == 403
    page = (await browser.get(f"{address}?purpose=correction")).text
    assert f'value="{code}"' in page
    assert "so they are left out: income" in page
    fields = dict(re.findall(r'<input[^>]* name="([\w-]+)"[^>]* value="([^"]*)"', page)) | {"op": "upsert"}
    wrong = await browser.post(address, data=fields)
    assert wrong.status_code == 422
    assert re.search(r'id="status-error".*?The table of this sender has no such status', wrong.text, re.S)
    assert await rights(code) == {}
    done = await browser.post(address, data=fields | {"status": "TRUCIGA"})
    assert (done.status_code, done.headers["location"].split("?")[1]) == (303, "notice=notice-applied")
    assert await rights(code) != {}
    after = (await browser.get(done.headers["location"])).text
    assert "The corrected notice is applied." in after
    assert (await browser.post(address, data=fields)).status_code == 409
    assert (await browser.get("/notices/quarantine?state=replayed")).text.count("/notices/quarantine/0") == 1


async def test_what_fits_no_form_is_put_right_as_json(wire: Wire, browser: httpx.AsyncClient) -> None:
    bad = of_person(new_code(), "A") | {"type": "status.fact.v9"}
    await wire.send(bad)
    address = f"/notices/quarantine/{(await _held('schema.unsupported')).id}/correct"
    assert '"status.fact.v9"' in (await browser.get(f"{address}?purpose=correction")).text.replace("&#34;", '"')
    good = json.dumps(bad | {"type": "status.fact.v1"})
    assert (await browser.post(address, data={"as": "text", "content": "{"})).status_code == 422
    assert (await browser.post(address, data={"as": "text", "content": good})).status_code == 303
    await wire.post(b"{not json")
    whole = f"/notices/quarantine/{(await _held('')).id}"
    assert "cannot be put right here" in (await browser.get(whole)).text
    assert (await browser.get(f"{whole}/correct?purpose=correction")).status_code == 409


async def test_a_file_shows_its_progress_its_refused_rows_and_where_it_came_from(
    files: Files, browser: httpx.AsyncClient
) -> None:
    stray = new_code()
    bad = row("=1+1", 1, new_code(), status="NEZINAMA"), row(stray, 1, "nobody")
    batch = await files.deliver(row("A", 1, new_code()), *bad)
    address = f"/notices/batches/{batch['id']}"
    page = (await browser.get(address)).text
    for text in (
        "3 of 3 rows are settled",
        "person_code.invalid",
        "status.unknown",
        "SOPA",
        batch["sha256"],
        "kept sealed",
    ):
        assert text in page, text
    assert stray not in page
    assert address in (await browser.get("/notices/batches?state=done")).text
    assert address not in (await browser.get("/notices/batches?state=held")).text
    table = (await browser.get(f"{address}/refused?lang=en")).content.decode("utf-8-sig")
    assert table.splitlines()[1].startswith("2,'=1+1,Rejected,status.unknown,/data/status,\"The table of this sender")
    assert stray not in table
    lines = (await browser.get(f"{address}/refused?as=ndjson")).text.splitlines()
    assert [json.loads(line)["code"] for line in lines] == ["status.unknown", "person_code.invalid"]
    gone = await files.deliver_file(b"x;y\n1;2\n", headers={"content-type": "text/csv"})
    refused = (await browser.get(f"/notices/batches/{gone['id']}")).text
    assert "The heading does not name the columns agreed upon." in refused


async def held_snapshot(files: Files) -> str:
    """The address of a snapshot that names one of sixty records."""
    rows = [row(f"R-{number}", number, new_code()) for number in range(1, 61)]
    await files.deliver(*rows, kind="snapshot", as_of=100)
    held = await files.deliver(rows[0], kind="snapshot", as_of=200)
    assert held["state"] == "held"
    return f"/notices/batches/{held['id']}"


@pytest.mark.parametrize(("step", "state", "left"), [("release", "done", 1), ("refuse", "refused", 60)])
async def test_a_held_snapshot_is_decided_on_with_what_it_would_take_away_in_sight(
    files: Files, browser: httpx.AsyncClient, step: str, state: str, left: int
) -> None:
    address = await held_snapshot(files)
    page = (await browser.get(address)).text
    for text in ("59 of the 60 records that stand now (98.3%)", "Which statuses would end", "Some of the persons"):
        assert text in page, text
    assert (await browser.post(f"{address}/{step}", data={f"reason-{step}": ""})).status_code == 422
    done = await browser.post(f"{address}/{step}", data={f"reason-{step}": "Confirmed by telephone"})
    assert done.status_code == 303
    await files.work()
    assert (await files.told(f"/sync/v1/batches/{address.rsplit('/', 1)[1]}"))["state"] == state
    assert await counted("fact WHERE recorded_to IS NULL") == left
    assert (await browser.post(f"{address}/{step}", data={f"reason-{step}": "Once more"})).status_code == 409


async def test_a_source_is_paused_and_its_keys_change(wire: Wire, boss: httpx.AsyncClient) -> None:
    here = await source_address()
    assert (await boss.post(f"{here}/keys", data={"key": "nonsense"})).status_code == 422
    [made] = re.findall(r"whsec_[\w+/=]+", (await boss.post(f"{here}/keys", data={"key": ""})).text)
    assert (await boss.post(f"{here}/keys", data={"key": new_key()})).status_code == 303
    theirs = replace(wire, key=made)
    assert await theirs.send(of_person(new_code(), "A")) == [("applied", None, None)]
    assert made not in (await boss.get(here)).text
    async with transaction(TOWN) as tx:
        key_id = (await store.arrivals(tx))[0].key_id
    revoke = {"key_id": str(key_id)}
    assert (await boss.post(f"{here}/keys/revoke", data=revoke)).status_code == 303
    assert (await theirs.post(b"{}")).status_code == 401
    assert (await boss.post(f"{here}/keys/revoke", data=revoke)).status_code == 404
    await boss.post(f"{here}/state", data={"step": "pause"})
    assert (await wire.post(b"{}")).status_code == 401
    assert (await boss.post(f"{here}/state", data={"step": "pause"})).status_code == 409
    await boss.post(f"{here}/state", data={"step": "resume"})
    assert await wire.send(of_person(new_code(), "B")) == [("applied", None, None)]


async def test_a_source_is_added_and_leads_to_its_page(wire: Wire, boss: httpx.AsyncClient) -> None:
    form, new = {"source": "vsaa/jelgava", "label": "VSAA", "statuses": "sopa"}, "/notices/sources/new"
    assert f'href="{new}"' in (await boss.get("/notices")).text
    for field, wrong, said, status in (
        ("source", "two words", "A source has 1 to 256 visible characters", 422),
        ("source", "clerk", "A source has 1 to 256 visible characters", 422),
        ("source", "sopa/jelgava", "has a sender with this source already", 409),
        ("label", " ", "Name the source in 1 to 100 characters.", 422),
    ):
        answer = await boss.post(new, data=form | {field: wrong})
        assert answer.status_code == status
        assert re.search(rf'id="{field}-error".*?{said}', answer.text, re.S)
        assert re.search(r'name="statuses"[^>]* checked', answer.text)
    empty = (await boss.post(new, data={})).text
    assert all(f'id="{field}-error"' in empty for field in ("source", "label"))
    added = await boss.post(new, data=form)
    assert added.status_code == 303
    page = (await boss.get(added.headers["location"].replace("notice=saved", "lang=lv"))).text
    for text in ("VSAA", "TRUCIGA", "bērnam līdz 18 gadu vecumam", "pensija: vecuma"):
        assert text in page, text
    plain = await boss.post(new, data={"source": "empty", "label": "Empty"})
    assert "It has no statuses yet." in (await boss.get(plain.headers["location"] + "&lang=en")).text


async def test_what_a_status_means_is_changed_and_what_was_refused_goes_through(
    wire: Wire, boss: httpx.AsyncClient
) -> None:
    here, code = await source_address(), new_code()
    page = (await boss.get(here)).text
    table = dict(re.findall(r'name="(status-\d+)"[^>]* value="([^"]+)"', page))
    meant = {name.replace("status", "meaning"): "needy=yes" for name in table}
    empty = f"status-{len(table)}", f"meaning-{len(table)}"
    form = {**table, **meant, "keep": ["birth_date"]}
    for wrong in ({empty[0]: "JAUNS", empty[1]: "needy=perhaps"}, {empty[0]: "TRUCIGA", empty[1]: "needy=yes"}):
        assert (await boss.post(f"{here}/mapping", data=form | wrong)).status_code == 422
    assert await wire.send(of_person(code, "A", status="JAUNS")) == [("rejected", "status.unknown", "/data/status")]
    good: Mapping[str, object] = form | {empty[0]: "JAUNS", empty[1]: "needy=yes", "meaning-0": ""}
    assert (await boss.post(f"{here}/mapping", data=good)).status_code == 303
    async with transaction(TOWN) as tx:
        mapping = mapping_from_json((await store.senders(tx))[0].mapping)
    assert set(mapping.statuses) == {*table.values(), "JAUNS"} - {table["status-0"]}
    assert mapping.keep == frozenset({"birth_date"})
    assert await wire.send(of_person(code, "A", status="JAUNS")) == [("applied", None, None)]


async def test_an_order_of_sources_and_the_signs_of_life_are_set(wire: Wire, boss: httpx.AsyncClient) -> None:
    here = await source_address()
    form = {"kind": "needy", "source-0": "sopa/jelgava", "place-0": "2", "source-1": "clerk", "place-1": "1"}
    assert (await boss.post(f"{here}/ranks", data=form | {"place-1": "2"})).status_code == 422
    assert (await boss.post(f"{here}/ranks", data=form)).status_code == 303
    async with transaction(TOWN) as tx:
        assert await ranks(tx) == {"needy": ("clerk", "sopa/jelgava")}
    await boss.post(f"{here}/ranks", data={"kind": "needy", "source-0": "clerk", "place-0": ""})
    assert (await boss.post(f"{here}/heartbeat", data={"minutes": "0"})).status_code == 422
    assert (await boss.post(f"{here}/heartbeat", data={"minutes": "5"})).status_code == 303
    assert "Silent" in (await boss.get(here)).text
    async with transaction(TOWN) as tx:
        assert await ranks(tx) == {}
        assert (await store.senders(tx))[0].expect_every == timedelta(minutes=5)


async def test_a_machine_is_set_up_and_gets_a_code_that_is_shown_once(wire: Wire, boss: httpx.AsyncClient) -> None:
    here = await source_address()
    shown = (await boss.post(f"{here}/machine")).text
    assert "Pairing code of the machine" in shown
    page = (await boss.get(here)).text
    assert "Waiting for the machine to answer." in page
    assert "Pairing code of the machine" not in page
    assert (await boss.post(f"{here}/machine")).status_code == 200
    assert (await boss.post(f"{here}/machine/approve", data={"fingerprint": "x"})).status_code == 409
    assert await counted("machine") == 1


async def test_who_may_only_read_sees_the_pages_without_anything_to_press(files: Files, wire: Wire) -> None:
    snapshot, notice = await held_snapshot(files), await filled(wire)
    reader = client(application(replace(READER, permissions=frozenset({"intake.read"})), pages))
    for address in ("/notices", "/notices/quarantine", "/notices/batches", snapshot, notice, await source_address()):
        page = await reader.get(address)
        assert page.status_code == 200
        assert 'method="post"' not in page.text.replace('method="post" action="/sign-out"', "")


def test_every_page_that_changes_something_asks_for_the_permission() -> None:
    found = {str(one.path): one.permission for one in entrances(create().routes) if one.path.startswith("/notices")}
    posted = [one for one in entrances(create().routes) if one.path.startswith("/notices") and "POST" in one.methods]
    assert len(posted) > 10
    assert {one.permission for one in posted} == {"intake.write", "terminal.write"}
    assert found["/notices/quarantine/{quarantined_id}"] in ("intake.read", "intake.write")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_are_accessible_and_fit_a_narrow_screen(
    files: Files, wire: Wire, chromium: Browser, language: str
) -> None:
    snapshot, notice = await held_snapshot(files), await filled(wire)
    done = await files.deliver(row("Z", 1, new_code()), row("Y" * 150, 2, "x"))
    lists = [
        "/notices",
        "/notices/quarantine?code=status.unknown",
        f"/notices/batches/{done['id']}",
        "/notices/batches",
        "/notices/sources/new",
    ]
    async with serving(application(BOSS, pages)) as site:
        page = await chromium.new_page(viewport={"width": 1280, "height": 900})
        for address in (*lists, snapshot, notice, f"{notice}/correct?purpose=check", await source_address()):
            for width in (1280, 375):
                await page.set_viewport_size({"width": width, "height": 900})
                await page.goto(f"{site}{address}{'&' if '?' in address else '?'}lang={language}")
                assert await page.evaluate("document.documentElement.scrollWidth") == width, address
            assert await axe(page) == [], address
        await page.close()


async def test_a_refused_notice_is_put_right_in_the_browser(wire: Wire, chromium: Browser) -> None:
    code = new_code()
    await wire.send(of_person(code, "A", status="NEZINAMA", valid_from="2026-03-01"))
    async with serving(application(READER, pages)) as site:
        page = await chromium.new_page()
        await page.goto(f"{site}/notices?lang=en")
        await page.get_by_role("link", name="A", exact=True).click()
        await page.goto(f"{page.url}/correct?purpose=correction")
        await page.get_by_label("Last day").fill("28.02.2026")
        await page.get_by_role("button", name="Save and take again").click()
        await page.get_by_text("The last day lies before the first.").first.wait_for()
        assert await axe(page) == []
        await page.get_by_label("Last day").fill("31.05.2026")
        await page.get_by_label("Status of a person").fill("TRUCIGA")
        await page.get_by_role("button", name="Save and take again").click()
        await page.get_by_text("The corrected notice is applied.").wait_for()
        await page.close()
    assert await rights(code) != {}


async def test_the_page_of_a_file_follows_it_by_itself(files: Files, chromium: Browser) -> None:
    location = (await files.post(ndjson(row("A", 1, new_code())))).headers["location"]
    async with serving(application(READER, pages)) as site:
        page = await chromium.new_page()
        await page.goto(f"{site}/notices/batches/{location.rsplit('/', 1)[1]}?lang=en")
        await page.get_by_text("In the queue").wait_for()
        await files.work()
        await page.get_by_text("1 of 1 rows are settled").wait_for()
        assert await page.locator("#progress[hx-trigger]").count() == 0
        await page.close()
