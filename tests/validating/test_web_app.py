"""The files of the validator's app: how they are served, and their parts that need no service, in a real browser."""

import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page
from starlette.applications import Starlette

from amis.kernel.permission import PUBLIC, permission_of
from amis.validating import web_app
from amis.web.headers import SecurityHeaders
from tests.browser import serving

APP = SecurityHeaders(Starlette(routes=web_app.routes()), secure=False)
LIBRARY = """
    const parts = {}
    for (const name of ['camera', 'clock', 'ending', 'journal', 'sealing', 'store', 'texts', 'upload'])
      Object.assign(parts, await import(`/validator/${name}.js`))
    const tapAt = (at) => ({ at, gross: 50000n, product: 'single', companions: 0, place: null, proof: 'static' })
    const decision = { verdict: 'ACCEPT', reason: 0, payable: 0n, companions: 0, quotaLeft: null, checkPhoto: false,
      listSeq: 7, code: 'c'.repeat(32), window: null, units: 0 }
    async function journal () {
      const db = await parts.open()
      let keys = await parts.read(db, 'kept', 'test-keys')
      keys ??= { store: await parts.newSealingKey(), records: await parts.newSealingKey() }
      await parts.write(db, [['kept', keys, 'test-keys']])
      return [db, await parts.Journal.open(db, keys)]
    }
    async function decided (journal, at, counter = null) {
      const { seq, body } = await journal.begin((seq) => JSON.stringify({ seq, secret: 'AM1:SHOWN' }), at)
      const use = { who: 'status 1', at, place: { id: 'DOOR' }, replay: null, counter, units: 1 }
      const more = { token: { status: 1 }, revision: 1, clockDoubtful: false, sampled: false }
      await journal.decided({ seq, body, tap: tapAt(at), decision, ...more }, use)
    }
"""
EMPTIED = """new Promise((resolve, reject) => {
  const request = indexedDB.deleteDatabase('amis-validator')
  request.onsuccess = () => resolve()
  request.onerror = request.onblocked = reject
})"""


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://amis") as opened:
        yield opened


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    async with serving(APP) as found:
        yield found


@pytest.fixture(scope="module")
async def tab(chromium: Browser) -> AsyncIterator[Page]:
    """A page in a context of its own."""
    context = await chromium.new_context()
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def page(tab: Page, address: str) -> Page:
    """A page of the app's origin without the app and with nothing kept, to try its parts on."""
    await tab.goto(f"{address}/validator/manifest.webmanifest")
    await tab.evaluate(EMPTIED)
    return tab


async def run(page: Page, script: str) -> Any:
    """What the script returns that has the parts of the app at hand."""
    return await page.evaluate(f"async () => {{ {LIBRARY} {script} }}")


async def test_the_start_page_may_use_the_camera_and_compile_but_nothing_else(client: httpx.AsyncClient) -> None:
    answer = await client.get("/validator/")
    policy = answer.headers["content-security-policy"]
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "unsafe-inline" not in policy
    assert answer.headers["permissions-policy"].startswith("camera=(self), ")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["nothing.js", "core/nothing.js", "README.md", "vendor/README.md", "..%2fcard.py"])
async def test_what_is_no_file_of_the_app_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/validator/{path}")).status_code == 404


async def test_the_address_without_its_slash_leads_to_the_app(client: httpx.AsyncClient) -> None:
    answer = await client.get("/validator")
    assert (answer.status_code, answer.headers["location"]) == (308, "/validator/")


async def test_a_file_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/validator/app.js")
    again = await client.get("/validator/app.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "no-cache"


async def test_the_listing_pins_every_other_file(client: httpx.AsyncClient) -> None:
    listing = json.loads((await client.get("/validator/files.js")).text.removeprefix("self.FILES = "))
    assert set(listing) == set(web_app.contents()) - {"sw.js", "files.js"}
    for name, digest in listing.items():
        content = (await client.get(f"/validator/{name}")).content
        assert digest == "sha256-" + b64encode(sha256(content).digest()).decode(), name


def test_the_files_are_public() -> None:
    assert {permission_of(route.endpoint) for route in web_app.routes()} == {PUBLIC}  # type: ignore[attr-defined]


def test_the_vendored_files_are_the_ones_that_are_named() -> None:
    folder = web_app.FOLDER / "vendor"
    named = (folder / "README.md").read_text()
    for path in (*folder.glob("*.js"), *folder.glob("*.wasm")):
        assert f"| `{path.name}` |" in named
        assert sha256(path.read_bytes()).hexdigest() in named, path.name
    assert {path.name for path in folder.glob("LICENSE*")} == {"LICENSE.zxing-cpp.txt", "LICENSE.zxing-wasm.txt"}


def own_files(suffix: str) -> list[Path]:
    return sorted(path for path in web_app.FOLDER.glob(f"*{suffix}"))


def test_no_page_of_the_app_names_another_site() -> None:
    found = [
        path.name for path in (*own_files(".js"), *own_files(".html"), *own_files(".css")) if "://" in path.read_text()
    ]
    assert found == []


async def test_both_languages_say_the_same_things_and_nothing_is_left_unsaid(page: Page) -> None:
    texts = await run(page, "return parts.TEXTS")
    known = sorted(texts["lv"])
    assert known == sorted(texts["en"])
    assert [key for key in known if not texts["lv"][key] or not texts["en"][key]] == []
    everything = "".join(
        path.read_text() for path in (*own_files(".js"), *own_files(".html")) if path.name != "texts.js"
    )
    composed = ("word-", "ended-", "age-", "camera-", "look")
    unused = [key for key in known if f"'{key}'" not in everything and f'"{key}"' not in everything]
    assert [key for key in unused if not key.startswith(composed)] == []
    asked = set(re.findall(r"(?:data-text=|[^.]\btext\()['\"]([\w-]+)['\"]", everything))
    assert len(asked) > 50
    assert asked <= set(known)


async def test_a_code_that_is_held_is_told_once(page: Page) -> None:
    found = await run(
        page,
        """
        const gate = new parts.Gate()
        const one = 'AM2:' + 'A'.repeat(120)
        const said = [gate.opens(one, 0), gate.opens(one, 500), gate.opens(one + 'refreshed', 9000)]
        gate.empty(9100)
        said.push(gate.opens(one, 9300), gate.opens('AM1:OTHER', 9500), gate.opens(one, 9600))
        gate.empty(9700)
        gate.empty(11000)
        said.push(gate.opens(one, 11300))
        gate.empty(11400)
        said.push(gate.opens('AM1:NEXT', 13000, false), gate.opens('AM1:NEXT', 13100))
        return said
        """,
    )
    assert found == [True, False, False, False, True, True, True, False, True]


async def test_a_clock_is_doubted_when_it_jumps_or_is_before_what_was_signed(page: Page) -> None:
    found = await run(
        page,
        """
        let [wall, steady] = [1_000_000, 0]
        const clock = new parts.Clock(0, () => wall, () => steady)
        const said = [clock.doubtful(0, 5000), clock.doubtful(1_010_000, 5000)]
        wall += 3_600_000
        said.push(clock.doubtful(0, 5000))
        clock.woke()
        said.push(clock.doubtful(0, 5000))
        wall -= 7_200_000
        clock.woke()
        said.push(clock.doubtful(0, 5000))
        clock.tell(2_000_000, 200)
        said.push(clock.doubtful(0, 5000), clock.now())
        return said
        """,
    )
    assert found == [False, True, True, False, True, False, 2_000_100]


async def test_the_journal_counts_on_and_its_lines_are_chained(page: Page) -> None:
    await run(page, "const [, kept] = await journal(); for (const at of [1, 2, 3]) await decided(kept, at)")
    found = await run(
        page,
        """
        const [, kept] = await journal()
        const lines = await kept.unsent()
        await decided(kept, 4)
        return { lines, whole: await kept.verify(), waiting: kept.waiting, seq: kept.head.seq,
          last: kept.memory('status 1', 5, null).last.length, pos: kept.head.pos }
        """,
    )
    previous = "0" * 64
    for seq, line in enumerate(found["lines"], 1):
        said = json.loads(line)
        assert (said["seq"], said["prev"]) == (seq, previous)
        assert said["sha"] == sha256(f'{{"seq":{seq},"secret":"AM1:SHOWN"}}'.encode()).hexdigest()
        previous = sha256(line.encode()).hexdigest()
    del found["lines"]
    assert found == {"whole": 4, "waiting": 4, "seq": 4, "last": 4, "pos": 4}


@pytest.mark.parametrize(
    "change",
    [
        "const [line] = await parts.readAll(db, 'record'); await parts.write(db, [['record', { ...line, pos: 2 }]])",
        "await parts.write(db, [['record', undefined, 2]])",
        "await parts.write(db, [['record', undefined, 3]])",
        "const [one] = await parts.readAll(db, 'record'); one.line[20] ^= 1; await parts.write(db, [['record', one]])",
    ],
)
async def test_a_journal_that_was_changed_is_found_out(page: Page, change: str) -> None:
    found = await run(
        page,
        f"""
        const [db, kept] = await journal()
        for (const at of [1, 2, 3]) await decided(kept, at)
        {change}
        return kept.verify().catch(({{ name }}) => name)
        """,
    )
    assert found == "Damaged"


async def test_what_was_shown_lies_nowhere_in_the_open(page: Page) -> None:
    found = await run(
        page,
        """
        const [db, kept] = await journal()
        await decided(kept, 1)
        const rows = [...await parts.readAll(db, 'request'), ...await parts.readAll(db, 'record')]
        const sealed = rows.flatMap((row) => Object.values(row)).filter((value) => value instanceof Uint8Array)
        const raw = sealed.map((value) => new TextDecoder('latin1').decode(value))
        const { store } = await parts.read(db, 'kept', 'test-keys')
        const exported = await crypto.subtle.exportKey('raw', store).catch(({ name }) => name)
        return { raw: raw.join(''), exported }
        """,
    )
    assert found["raw"]
    assert "SHOWN" not in found["raw"]
    assert "status" not in found["raw"]
    assert found["exported"] == "InvalidAccessError"


async def test_a_tap_that_does_not_fit_on_the_device_is_not_begun_and_nothing_is_lost(page: Page) -> None:
    refused, after = await run(
        page,
        """
        const [db, kept] = await journal()
        await decided(kept, 1)
        // what a browser does to a transaction on a full disk
        const usual = IDBDatabase.prototype.transaction
        IDBDatabase.prototype.transaction = function (...asked) {
          const transaction = usual.apply(this, asked)
          if (asked[1] !== 'readwrite') return transaction
          Object.defineProperty(transaction, 'error', { value: new DOMException('no room', 'QuotaExceededError') })
          queueMicrotask(() => transaction.abort())
          return transaction
        }
        const refused = await decided(kept, 2).catch(({ name }) => [name, kept.head.seq])
        IDBDatabase.prototype.transaction = usual
        const [, again] = await journal()
        await decided(again, 3)
        return [refused, [again.head.seq, await again.verify(), (await again.pending()).length]]
        """,
    )
    assert (refused, after) == (["Full", 1], [2, 2, 0])


async def test_lines_that_were_answered_for_are_not_sent_again(page: Page) -> None:
    found = await run(
        page,
        """
        const [db, kept] = await journal()
        for (const at of [1, 2, 3]) await decided(kept, at)
        const sent = []
        const session = { ask: async (path, { body }) => {
          sent.push(body)
          const lines = body.split('\\n').filter(Boolean).slice(0, 2).map((line) => JSON.parse(line))
          return new Response(lines.map(({ seq }) => JSON.stringify({ seq, outcome: 'recorded' }) + '\\n').join(''))
        } }
        await parts.upload(session, kept)
        const [, again] = await journal()
        return { sizes: sent.map((body) => body.split('\\n').length - 1), waiting: [kept.waiting, again.waiting],
          whole: await again.verify() }
        """,
    )
    assert found == {"sizes": [3, 1], "waiting": [0, 0], "whole": 3}


async def test_a_counter_that_was_used_up_elsewhere_stays_used_up(page: Page) -> None:
    used = await run(
        page,
        """
        const [, kept] = await journal()
        for (const at of [1, 2]) await decided(kept, at, 'YEAR')
        const used = (one) => {
          const { used, unsynced } = one.memory('status 1', 3, null)
          return [...used.values(), unsynced.size]
        }
        const before = used(kept)
        await kept.sent([{ seq: 1, outcome: 'recorded', conflicts: ['overspent'] }, { seq: 2, outcome: 'recorded' }])
        const [, again] = await journal()
        return [before, used(kept), used(again)]
        """,
    )
    assert used == [[2, 1], [1_000_000_002, 0], [1_000_000_002, 0]]


async def test_settled_lines_are_dropped_after_five_weeks_and_counted_units_are_not(page: Page) -> None:
    found = await run(
        page,
        """
        const [db, kept] = await journal()
        await decided(kept, 1)
        await decided(kept, 2, 'YEAR')
        await decided(kept, 3)
        await kept.sent([1, 2].map((seq) => ({ seq, outcome: 'recorded' })))
        const later = 40 * 86_400_000
        await kept.prune(later)
        const [, again] = await journal()
        await decided(again, later)
        const { used } = again.memory('status 1', later, null)
        return [await again.verify(), await parts.names(db, 'record'), await parts.names(db, 'request'),
          [...used.values()], again.waiting]
        """,
    )
    assert found == [2, [3, 4], [2, 3, 4], [1], 2]


async def test_answers_that_settle_nothing_end_an_upload(page: Page) -> None:
    asked = await run(
        page,
        """
        const [, kept] = await journal()
        await decided(kept, 1)
        let asked = 0
        const session = { ask: async () => {
          if (asked++ > 5) throw new Error('without an end')
          return new Response(JSON.stringify({ seq: null, outcome: 'refused' }) + '\\n')
        } }
        await parts.upload(session, kept)
        return [asked, kept.waiting]
        """,
    )
    assert asked == [1, 1]


async def test_one_line_that_is_too_much_is_found_in_ever_smaller_batches(page: Page) -> None:
    found = await run(
        page,
        """
        const [, kept] = await journal()
        for (const at of [1, 2, 3, 4, 5]) await decided(kept, at)
        const asked = []
        const problem = { status: 422, headers: { 'content-type': 'application/problem+json; charset=utf-8' } }
        const session = { ask: async (path, { body }) => {
          const lines = body.split('\\n').filter(Boolean).map((line) => JSON.parse(line).seq)
          asked.push(lines.join())
          if (!lines.includes(3)) return new Response(lines.map((seq) =>
            JSON.stringify({ seq, outcome: 'recorded' }) + '\\n').join(''))
          return lines.length > 1 ? new Response('large', { status: 413 }) : new Response('{"detail":"no"}', problem)
        } }
        await parts.upload(session, kept)
        return [asked, kept.waiting, await kept.refusals(), (await kept.owed()).map((line) => JSON.parse(line).seq)]
        """,
    )
    assert found == [["1,2,3,4,5", "1,2", "3,4,5", "3", "4,5"], 0, 1, [3]]


async def test_a_line_is_not_given_up_for_what_somebody_between_says(page: Page) -> None:
    found = await run(
        page,
        """
        const [, kept] = await journal()
        await decided(kept, 1)
        const html = { status: 413, headers: { 'content-type': 'text/html' } }
        const told = []
        for (const answer of [new Response('<p>', html), new Response('{"seq":1,"out')]) {
          await parts.upload({ ask: async () => answer }, kept).catch(({ name }) => told.push(name))
        }
        return [told, kept.waiting, await kept.refusals()]
        """,
    )
    assert found == [["Refused", "Unreachable"], 1, 0]


async def test_refused_lines_are_saved_to_the_file_before_another_pairing_may_begin(page: Page) -> None:
    found = await run(
        page,
        """
        document.body.innerHTML = '<p id="ended-unsent"></p>'
        const [db, kept] = await journal()
        const { records } = await parts.read(db, 'kept', 'test-keys')
        await parts.write(db, [['kept', records, 'records-key'], ['kept', { machine: 'm', pairing: 1 }, 'pairing']])
        HTMLAnchorElement.prototype.click = () => {}
        for (const at of [1, 2, 3]) await decided(kept, at)
        await kept.sent([1, 2, 3].map((seq) => ({ seq, outcome: seq === 2 ? 'refused' : 'recorded' })))
        const may = [await parts.mayBeginAgain(db)]
        const file = await (await parts.fileOf(kept)).text()
        await parts.exportOwed(db)
        may.push(await parts.mayBeginAgain(db))
        // what comes after the file is not in it
        await decided(kept, 4)
        may.push(await parts.mayBeginAgain(db))
        return [file.trim().split('\\n').map((line) => JSON.parse(line).seq), may]
        """,
    )
    assert found == [[2], [False, True, False]]


async def test_a_new_version_replaces_the_old_one_whole(
    chromium: Browser, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(f"{address}/validator/")
    await page.evaluate(REGISTRATION + ".then(() => undefined)")
    first = await page.evaluate(KEPT)
    # one file of the new version is still the old one: nothing is taken
    publish(monkeypatch, {"style.css": b"body { color: red }", "icon.svg": b"<svg/>"}, unpublished={"icon.svg"})
    assert await page.evaluate(UPDATED) == "redundant"
    assert await page.evaluate(KEPT) == first
    publish(monkeypatch, {"style.css": b"body { color: red }"})
    assert await page.evaluate(UPDATED) == "installed"
    async with page.expect_navigation():
        await page.evaluate(REGISTRATION + ".then(({ waiting }) => waiting.postMessage('take over'))")
    second = await page.evaluate(KEPT)
    assert (len(first), len(second)) == (1, 1)
    assert first != second
    await context.set_offline(True)
    assert await page.evaluate("fetch('style.css').then((answer) => answer.text())") == "body { color: red }"
    await context.close()


REGISTRATION = "navigator.serviceWorker.ready"
KEPT = "caches.keys().then((names) => names.filter((name) => name.startsWith('validator-')).sort())"
UPDATED = """async () => {
  const registration = await navigator.serviceWorker.ready
  const found = new Promise((resolve) => registration.addEventListener('updatefound', resolve, { once: true }))
  await registration.update().catch(() => {})
  await found
  const worker = registration.installing ?? registration.waiting
  if (worker === null) return 'redundant'
  return new Promise((resolve) => {
    const told = () => { if (worker.state !== 'installing') resolve(worker.state) }
    worker.addEventListener('statechange', told)
    told()
  })
}"""


def publish(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, bytes], unpublished: frozenset[str] | set[str] = frozenset()
) -> None:
    """The service has a new version of the app; of the `unpublished` files it still serves the old content."""
    old = dict(ORIGINAL)
    listing = web_app._listing({name: content for name, content in (old | changed).items() if name != "files.js"})
    new = old | {name: content for name, content in changed.items() if name not in unpublished} | {"files.js": listing}
    monkeypatch.setattr(web_app, "contents", lambda: new)
    web_app._etag.cache_clear()


ORIGINAL = web_app.contents()
