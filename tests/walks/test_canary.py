"""Twenty people walk through the whole service; afterwards their names and codes are found only where they belong."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from psycopg import sql

from amis.issuing import store
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.postgres import Cluster
from terminals.client import Client
from terminals.message import Answer, Tap
from tests.town import CLERK, FARE, Site, needy
from tests.walks import staff
from tests.walks.canary import Canary, Watch, canaries
from tests.walks.ledger import everything
from tests.walks.processes import commands, log_file

PEOPLE = 20
BY_HAND = 5
_TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
_LINKS = re.compile(r'(?:href|action|src|hx-get|hx-post)="([^"]*)"')
_QUIET = ("/", "/tokens", "/taps", "/concessions", "/rules", "/notices", "/reports", "/reports/uses.csv", "/terminals")
_QUIET += ("/account", "/persons", "/persons/new", "/metrics", "/openapi.json", "/v1/reports/uses", "/status")


@dataclass(slots=True)
class Walk:
    """A clerk, a terminal and the social system at work, and what they saw."""

    site: Site
    watch: Watch
    clerk: httpx.AsyncClient
    bus: Client
    urls: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    async def post(self, path: str, status: int = 303, **form: str) -> httpx.Response:
        """A form of the clerk's."""
        answer = await self.clerk.post(path, data=form)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer

    async def page(self, path: str, status: int = 200) -> httpx.Response:
        """A page of the clerk's."""
        answer = await self.clerk.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer

    async def seen(self, response: httpx.Response) -> None:
        """Notes every address that was asked for or offered."""
        self.urls += [str(response.request.url), response.headers.get("location", "")]
        if response.headers.get("content-type", "").startswith("text/html"):
            await response.aread()
            self.urls += _LINKS.findall(response.text)


async def test_no_name_and_no_code_is_found_where_it_does_not_belong(apart: Site, cluster: Cluster) -> None:
    people = canaries(PEOPLE, seed=41)
    watch = Watch(people)
    apart.settings = apart.settings.model_copy(update={"log_level": "DEBUG"})
    async with commands(apart, "serve", "worker"), await staff.caller(apart, staff.ROLES) as clerk:
        walk = Walk(apart, watch, clerk, await apart.terminal())
        clerk.event_hooks = {"response": [walk.seen]}
        await _arrive(walk, people)
        for canary in people:
            await _use(walk, canary)
        await _go_wrong(walk, people)
        await _leave(walk, people)
        quiet = [(await walk.page(path)).text for path in _QUIET]
        quiet += [(await walk.page(f"/tokens/{token}")).text for token in walk.tokens]
        await _worked_off(apart)
    assert watch.found("\n".join(walk.urls)) == []
    assert watch.found("\n".join(walk.answers)) == []
    assert [watch.found(text) for text in quiet if watch.found(text)] == []
    assert _in_files(watch, apart.settings.data_dir) == {}
    assert watch.found(cluster.log.read_bytes()) == []
    assert await _in_tables(apart, watch) == {}


def test_the_watch_finds_what_it_looks_for() -> None:
    canary, *others = canaries(3, seed=5)
    watch = Watch([canary])
    for secret in canary.secrets:
        for hidden in (secret, secret.upper(), secret.encode().hex(), f"x{secret}y"):
            assert watch.found(f"... {hidden} ...")
    assert [watch.found(" ".join(other.secrets)) for other in others] == [[], []]


async def _arrive(walk: Walk, people: list[Canary]) -> None:
    """Most come from the social system, some by a clerk's hand."""
    by_system, by_hand = people[BY_HAND:], people[:BY_HAND]
    answer = await walk.site.notice([_stated(canary, 1) for canary in by_system])
    assert {line["verdict"] for line in answer.json()["verdicts"]} == {"applied"}
    walk.answers.append(answer.text)
    for canary in by_hand:
        made = await walk.post("/persons/new", code=canary.code, name=canary.name, born=f"{canary.born:%d.%m.%Y}")
        facts = f"{made.headers['location'].partition('?')[0]}/facts"
        today = f"{clock.today():%d.%m.%Y}"
        await walk.post(facts, fact="disability:I", valid_from=today, valid_to="", decision_number="", reason="Lēmums")


async def _use(walk: Walk, canary: Canary) -> None:
    """Found by a clerk, given a token, taken for a ride, blocked, refused, replaced."""
    person = str(await walk.site.person(canary.code))
    # By code or by name: a clerk who looks up more than so many a minute is slowed down.
    found = await walk.post("/persons", 200, query=canary.code if len(walk.tokens) % 4 else canary.name)
    assert person in found.text
    await walk.page(f"/persons/{person}", 403)
    await _open(walk, person)
    # What is looked for is really there where it belongs.
    assert walk.watch.found((await walk.page(f"/persons/{person}")).text)
    issued = await walk.post(f"/persons/{person}/tokens")
    token = issued.headers["location"].partition("?")[0].rpartition("/")[2]
    walk.tokens.append(token)
    for part in ("", "?show=code", "/letter.pdf", "/qr.svg", "/qr.png"):
        await walk.page(f"/tokens/{token}{part}")
    await _ride(walk, token)
    await walk.page(f"/persons/{person}/taps")


async def _ride(walk: Walk, token: str) -> None:
    shown = await _shown(walk, token)
    reasons = [(await _tap(walk, shown)).reason]
    await walk.post(f"/tokens/{token}/block", block_reason="lost")
    reasons.append((await _tap(walk, shown)).reason)
    assert reasons == ["OK", "TOKEN_BLOCKED"]
    replaced = await walk.post(f"/tokens/{token}/replace", replace_reason="lost")
    walk.tokens.append(replaced.headers["location"].partition("?")[0].rpartition("/")[2])


async def _shown(walk: Walk, token: str) -> str:
    async with transaction(CLERK) as tx:
        return (await store.open_credential(tx, await store.get_token(tx, UUID(token)), "test")).text


async def _tap(walk: Walk, shown: str) -> Answer:
    answer = await walk.bus.validate(Tap(shown, clock.now(), FARE))
    walk.answers.append(repr(answer))
    return answer


async def _go_wrong(walk: Walk, people: list[Canary]) -> None:
    """Mistakes that carry a code or a name: none of them may repeat it."""
    first, second = people[-1], people[-2]
    for event in (
        _stated(first, 2) | {"source": second.code},
        _stated(first, 2, status="NAV_TADA"),
        _stated(first, 2, last=clock.today() - timedelta(days=9)),
        _stated(first, 2, born="1901-01-01"),
        _stated(first, 1, born="1902-02-02"),
        _stated(first, 2, code=second.code),
        _stated(first, 2) | {"type": first.name},
    ):
        walk.answers.append((await walk.site.notice([event])).text)
    wrong = await walk.site.notice([_stated(first, 2)], key="whsec_" + "A" * 43 + "=")
    assert wrong.status_code == 401
    walk.answers += [wrong.text, *[await _refused(walk, body) for body in _bad_taps(first)]]
    await walk.post("/persons/new", 422, code=first.code, name=first.name, born=f"{first.born:%d.%m.%Y}")
    await walk.post("/persons/new", 422, code=first.code[:-1], name=first.name, born="31.02.1980")
    await walk.post("/persons", 422, query=f"{first.code}1")
    await walk.post("/tokens", 422, number=first.code)
    await walk.post("/sign-in", 422, email=first.name, password=first.code)
    person = str(await walk.site.person(first.code))
    reason = f"Zvanīja {first.code}"
    await walk.post("/purpose", person_id=person, purpose="check", note=reason, next=f"/persons/{person}")
    await walk.page(f"/persons/{person}")


def _bad_taps(canary: Canary) -> list[dict[str, Any]]:
    right: dict[str, Any] = {"seq": 9_000, "token": "AM1:", "at": clock.now().isoformat(), "gross": "1"}
    return [
        right | {"token": canary.code},
        right | {"token": {"card": {"number": canary.code}}, "seq": 9_001},
        right | {"place": canary.code, "seq": 9_002},
        right | {"product": canary.name},
        right | {"comment": f"{canary.code} {canary.name}"},
        right | {"at": canary.code},
    ]


async def _refused(walk: Walk, body: dict[str, Any]) -> str:
    headers = {"authorization": f"Bearer {await walk.bus._token()}"}
    answer = await walk.site.http.post(f"{walk.site.url}/v1/validations", json=body, headers=headers)
    assert answer.status_code < 500
    return answer.text


async def _leave(walk: Walk, people: list[Canary]) -> None:
    """A status ends, a code changes, somebody dies."""
    gone, changed, dead = people[BY_HAND : BY_HAND + 3]
    events = [_stated(gone, 3, op="withdraw"), _told(changed, "code_changed"), _told(dead, "died")]
    answer = await walk.site.notice(events)
    assert {line["verdict"] for line in answer.json()["verdicts"]} == {"applied"}
    walk.answers.append(answer.text)


async def _open(walk: Walk, person: str) -> None:
    await walk.post("/purpose", person_id=person, purpose="application", note="", next=f"/persons/{person}")


def _stated(canary: Canary, version: int, last: Any = None, **more: Any) -> dict[str, Any]:
    usual = {"status": "INV1", "code": canary.code, "born": canary.born.isoformat()} | more
    event = needy(_record(canary), version, clock.today(), last, **usual)
    event["data"]["person"] |= {"given_name": canary.given, "family_name": canary.family}
    return event


def _told(canary: Canary, what: str) -> dict[str, Any]:
    event = _stated(canary, 1)
    today = clock.today().isoformat()
    own = {"code_changed": {"new_code": canary.new_code, "changed_on": today}, "died": {"died_on": today}}[what]
    kept = {name: event["data"][name] for name in ("version", "op", "person")}
    data = kept | own | {"record_id": f"{_record(canary)}-{what}"}
    return event | {"type": f"person.{what}.v1", "id": f"{what}-{_record(canary)}", "data": data}


def _record(canary: Canary) -> str:
    return f"R-{canary.born:%Y%m}-{len(canary.name)}-{sum(map(ord, canary.name + canary.code))}"


async def _worked_off(site: Site) -> None:
    """Waits until the worker has done all that waits."""
    async with await everything(site) as connection:
        for _ in range(300):
            rows = await connection.execute("SELECT count(*) FROM outbox WHERE done_at IS NULL")
            if (await rows.fetchone()) == (0,):
                return
            await asyncio.sleep(0.1)
    raise AssertionError("the worker does not come to an end")


def _in_files(watch: Watch, folder: Path) -> dict[str, list[str]]:
    """Logs, keys, the witness and the stores of terminals: every file of the installation."""
    found = {str(path): watch.found(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
    assert any(name.endswith("journal") for name in found)
    assert any(name.endswith("serve.log") for name in found)
    return {name: hits for name, hits in found.items() if hits}


async def _in_tables(site: Site, watch: Watch) -> dict[str, list[str]]:
    """Every column of every row of every table: whatever is encrypted does not match by itself."""
    found: dict[str, list[str]] = {}
    async with await everything(site) as connection:
        for (table,) in await (await connection.execute(_TABLES)).fetchall():
            rows = await connection.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))
            hits = watch.found("\n".join([text async for (text,) in rows]))
            found |= {table: hits} if hits else {}
    return found
