"""What the canaries go through: enrolled, looked up, given tokens, taken for rides, mistaken, and gone."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx

from amis.issuing import store
from amis.kernel import clock
from amis.kernel.db import transaction
from terminals.client import Client
from terminals.message import Answer, Tap
from tests.town import CLERK, FARE, Site, needy
from tests.walks.canary import Canary, Watch

BY_HAND = 5
_LINKS = re.compile(r'(?:href|action|src|hx-get|hx-post)="([^"]*)"')


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


async def arrive(walk: Walk, people: list[Canary]) -> None:
    """Most come from the social system, some by a clerk's hand."""
    by_system, by_hand = people[BY_HAND:], people[:BY_HAND]
    answer = await walk.site.notice([_stated(canary, 1) for canary in by_system])
    assert {line["verdict"] for line in answer.json()["verdicts"]} == {"applied"}
    walk.answers.append(answer.text)
    for canary in by_hand:
        made = await walk.post("/persons/new", code=canary.code, name=canary.name, born=f"{canary.born:%d.%m.%Y}")
        facts = f"{made.headers['location'].partition('?')[0]}/facts"
        today = f"{clock.today():%d.%m.%Y}"
        typed = {"valid_to": "", "decision_number": f"1/{canary.code}", "reason": f"Lēmums par {canary.code}"}
        await walk.post(facts, 303, fact="disability:I", valid_from=today, **typed)


async def use(walk: Walk, canary: Canary) -> None:
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


async def go_wrong(walk: Walk, people: list[Canary]) -> None:
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
    held = re.search(r"/notices/quarantine/[0-9a-f-]+", (await walk.page("/notices")).text)
    assert held is not None
    await walk.post(held[0], reason=reason)


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
    headers = await walk.bus._link.headers()
    answer = await walk.site.http.post(f"{walk.site.url}/v1/validations", json=body, headers=headers)
    assert answer.status_code < 500
    return answer.text


async def leave(walk: Walk, people: list[Canary]) -> None:
    """A status ends, a code changes, somebody dies."""
    gone, changed, dead = people[BY_HAND : BY_HAND + 3]
    events = [_stated(gone, 3, op="withdraw"), _told(changed, "code_changed"), _told(dead, "died")]
    answer = await walk.site.notice(events)
    assert {line["verdict"] for line in answer.json()["verdicts"]} == {"applied"}
    walk.answers.append(answer.text)


async def _open(walk: Walk, person: str) -> None:
    await walk.post("/purpose", person_id=person, purpose="application", note="", next=f"/persons/{person}")


def _stated(canary: Canary, version: int, last: date | None = None, **more: str) -> dict[str, Any]:
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
