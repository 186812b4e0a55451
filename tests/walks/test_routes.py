"""Every route of the whole application, called by nobody, by each role, and by another municipality."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import httpx
import pytest

from amis.app import create
from amis.concessions.seed_lv import JELGAVA
from amis.concessions.store import list_concessions
from amis.demo.town import SOURCE
from amis.granting.applications import ApplicationDraft, submit_application
from amis.granting.service import RuleDraft, draft_rule, publish_rule
from amis.granting.store import list_rules
from amis.granting.suspension import OrderDraft, draft_order
from amis.intake import uploads
from amis.intake.batches import Delivery, receive
from amis.intake.places import folder_of
from amis.intake.raw_files import Stored
from amis.intake.store import senders
from amis.intake.waiting import Wanted, held
from amis.issuing import operations
from amis.issuing.desks import make_desk
from amis.kernel.db import Transaction, transaction
from amis.kernel.ids import new_id
from amis.kernel.permission import PUBLIC, SELF_CHECKED
from amis.kernel.settings import settings
from amis.outbound.models import Delivery as Delivered
from amis.outbound.topics import TOPICS
from amis.outbound.webhooks import WebhookDraft, define_webhook
from amis.register.quality import CHECKS
from amis.register.service import GroupDraft, define_group
from amis.register.store import facts_timeline
from amis.reporting.recovery_store import cases
from amis.staff.roles import permissions, role_permissions
from amis.staff.routes import Entrance, entrances
from tests.town import CLERK, Site, needy
from tests.walks import back_office, equipment, ledger, told
from tests.walks.staff import RIGA, ROLES, browser, caller

SPRING = date(2026, 3, 1), None
STREAM = "/taps/stream"
ALSO = {"/persons/{person_id}/taps": "person.read"}
"""Routes that ask for a second permission themselves: where somebody went is that person's data."""
OF_JELGAVA = ["person_id", "token_id", "concession_id", "rule_id", "fact_id", "quarantined_id", "group_id", "order_id"]
OF_JELGAVA += ["application_id", "case_id", "message_id", "webhook_id"]
OF_JELGAVA += ["batch_id", "campaign_id", "desk_id", "photo_id", "request_id"]
OF_JELGAVA += ["terminal_id", "conflict_id", "amnesty_id", "held_id", "notice_batch_id", "sender_id", "upload_id"]
OTHER = "32345678902"
OF_A_MONTH = {"provider": "JLG-BUS", "month": "2026-05"}
ASKED = {f"/sync/v1/exports/{what}": OF_A_MONTH for what in ("uses", "settlement")}
"""Routes that answer only to what is asked."""


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one route with its path filled in."""

    method: str
    path: str
    entrance: Entrance

    @property
    def permission(self) -> str:
        return self.entrance.permission

    def __str__(self) -> str:
        return f"{self.method} {self.entrance.path}"


@pytest.fixture
async def calls(site: Site) -> list[Call]:
    """Every route, on records of Jelgava that exist: a person with a fact and a token, a message in quarantine."""
    await site.states(needy("R1", 1, *SPRING), needy("R2", 1, *SPRING, status="NEZINAMS"))
    await site.states(needy("R3", 1, *SPRING, code=OTHER), needy("R3", 2, *SPRING, code=OTHER, op="withdraw"))
    token, _ = await site.issue()
    person = await site.person()
    async with transaction(CLERK) as tx:
        ids = {"person_id": person, "token_id": token, "fact_id": (await facts_timeline(tx, person))[0].id}
        ids["concession_id"] = next(one.id for one in await list_concessions(tx) if one.municipality_id == JELGAVA)
        ids["quarantined_id"] = (await held(tx, Wanted()))[0][0].id
        ids["case_id"] = (await cases(tx, "unused"))[0].id
        ids |= await _written(tx, person)
        ids |= await back_office.ordered(tx, person)
        ids |= await told.not_delivered(tx, person)
        ids |= await _at_desks(tx)
        ids |= await _handed_over(tx)
        ids |= {"webhook_id": await _hooked(tx)}
    ids |= await equipment.installed(site)
    filled = {name: str(value) for name, value in ids.items()}
    filled |= {
        "session_id": str(person),
        "reserve_id": str(person),
        "status_list": "0",
        "version": "2",
        "name": "amis.css",
        "folder": "core",
        "inner": "bundle",
        "code": next(iter(CHECKS)),
        "sha256": "0" * 64,
        "seq": "1",
        "kind": "assignments",
    }
    return list(_calls(filled))


async def _written(tx: Transaction, person: UUID) -> dict[str, UUID]:
    """What members of staff write down: a group, an order, the second version of a rule, an application."""
    rule = RuleDraft("JLG-REPR20", "JLG-REPR20", {"has": {"fact": "repressed"}}, "5.", date(2028, 1, 1))
    asked = replace(rule, code="JLG-PENS", concession_code="JLG-PENS", on_becoming="on_application")
    pensions = (await publish_rule(tx, asked)).rule_id
    given = next(one for one in await list_rules(tx) if one.id == pensions).names.concession_id
    return {
        "rule_id": (await draft_rule(tx, rule)).rule_id,
        "application_id": await submit_application(tx, ApplicationDraft(person, given)),
        "group_id": await define_group(tx, GroupDraft("divers", "Ūdenslīdēji", "Divers")),
        "order_id": await draft_order(tx, OrderDraft("STORM", "Rīkojums", ("JLG-*",), date(2030, 1, 1))),
    }


async def _at_desks(tx: Transaction) -> dict[str, UUID]:
    """Two desks, between which one chooses, and what one of them is asked to do."""
    first, _ = await make_desk(tx, "1. lodziņš"), await make_desk(tx, "2. lodziņš")
    return {"desk_id": first.id, "operation_id": (await operations.ask(tx, first.id, None, "read")).id}


async def _hooked(tx: Transaction) -> UUID:
    """A webhook that waits for approval, with a delivery that was given up."""
    webhook, _ = await define_webhook(tx, WebhookDraft("Receiver", "https://hooks.example.lv/", list(TOPICS)))
    given_up = Delivered(municipality_id=JELGAVA, webhook_id=webhook.id, seq=1, topic="token.blocked", key="")
    given_up.state, given_up.attempts, given_up.due_at, given_up.made_at, given_up.ended_at = "dead", 10, *[tx.at] * 3
    tx.session.add(given_up)
    return webhook.id


async def _handed_over(tx: Transaction) -> dict[str, UUID]:
    """A file of rows of the social system."""
    sender = next(one for one in await senders(tx) if one.source == SOURCE)
    batch = await receive(tx, sender, Stored(new_id(), bytes(32), 0, b""), Delivery("delta", "ndjson", "upload"))
    return {"file_id": batch.id, "held_id": batch.id, "notice_batch_id": batch.id, "sender_id": sender.id} | {
        "upload_id": (await uploads.take(tx, sender.id, uploads.keep(folder_of(settings()), b"kods;no\n"), "a.csv")).id
    }


def _calls(filled: dict[str, str]) -> Iterator[Call]:
    for entrance in entrances(create().routes):
        path = entrance.path.format(**filled)
        for method in sorted(entrance.methods - {"HEAD"}):
            yield Call(method, path, entrance)


async def status(client: httpx.AsyncClient, call: Call) -> int:
    """The status of the answer alone, so that an endless one is not waited for; a purpose is stated."""
    params = ASKED.get(call.entrance.path, {"purpose": "check"} if "{" in call.entrance.path else {})
    async with client.stream(call.method, call.path, params=params) as response:
        return response.status_code


def test_every_route_says_who_may_call_it() -> None:
    known = {PUBLIC, SELF_CHECKED, *permissions()}
    found = {str(entrance.path): entrance.permission for entrance in entrances(create().routes)}
    assert len(found) > 40
    assert {path: mark for path, mark in found.items() if mark not in known} == {}


def test_only_these_routes_are_open_to_anybody() -> None:
    public = {entrance.path for entrance in entrances(create().routes) if entrance.permission == PUBLIC}
    assert public == {
        "/",
        "/assets/{version}/{name}",
        "/healthz",
        "/holder/v1/devices",
        "/machine/v1/pair",
        "/machine/v1/token",
        "/my",
        "/my/",
        "/my/{name}",
        "/readyz",
        "/sign-in",
        "/sign-in/code",
        "/sign-out",
        "/status",
        "/status/{status_list}",
        "/validator",
        "/validator/",
        "/validator/{folder}/{inner}/{name}",
        "/validator/{folder}/{name}",
        "/validator/{name}",
    }


async def test_nobody_comes_in_without_signing_in(site: Site, calls: list[Call]) -> None:
    before = await ledger.rows(site)
    found = {}
    async with browser(site) as page, httpx.AsyncClient(base_url=site.url) as program:
        for call in calls:
            if call.permission != PUBLIC:
                found[str(call)] = await status(page, call), await status(program, call)
    let_in = {name: seen for name, seen in found.items() if seen[0] not in (303, 401) or seen[1] != 401}
    assert let_in == {}
    assert await ledger.added(site, before) == {}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_opens_exactly_what_its_permissions_say(site: Site, calls: list[Call], role: str) -> None:
    held = role_permissions([role])
    found = {}
    async with await caller(site, [role]) as page:
        for call in calls:
            if call.method == "GET" and call.permission not in (PUBLIC, SELF_CHECKED):
                found[str(call)] = await status(page, call)
    needed = {str(call): {call.permission, ALSO.get(call.entrance.path, call.permission)} for call in calls}
    assert found == {name: 200 if needed[name] <= held else 403 for name in found}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_without_the_permission_writes_nothing(site: Site, calls: list[Call], role: str) -> None:
    held = role_permissions([role])
    refused = [call for call in calls if call.method != "GET" and call.permission in permissions().keys() - held]
    async with await caller(site, [role]) as page:
        before = await ledger.rows(site)
        found = {str(call): await status(page, call) for call in refused}
    assert set(found.values()) <= {403}, found
    # each refusal of somebody known is in the audit trail, and nothing else was written
    assert await ledger.added(site, before) == ({"audit": len(refused)} if refused else {})


async def test_an_empty_form_is_answered_without_a_fault(site: Site, calls: list[Call]) -> None:
    held = role_permissions(ROLES)
    found = {}
    async with await caller(site, ROLES) as page:
        for call in calls:
            if call.method != "GET" and call.permission in held:
                found[str(call)] = await status(page, call)
    assert {name: seen for name, seen in found.items() if seen >= 500} == {}


async def test_another_municipality_finds_nothing_of_jelgava(site: Site, calls: list[Call]) -> None:
    private = [call for call in calls if any(f"{{{name}}}" in call.entrance.path for name in OF_JELGAVA)]
    assert len(private) > 20
    async with await caller(site, ROLES, RIGA) as stranger:
        before = await ledger.rows(site)
        found = {str(call): await stranger.send(_filled(stranger, call)) for call in private}
    # a form with its own faults may be refused as such before anything is looked up
    assert {name: seen.status_code for name, seen in found.items() if seen.status_code not in (404, 422)} == {}
    assert {name for name, seen in found.items() if "Ozola" in seen.text or "323456" in seen.text} == set()
    assert await ledger.added(site, before) == {}


def _filled(client: httpx.AsyncClient, call: Call) -> httpx.Request:
    body = {"reason": "lost"} if call.path.startswith("/v1/") and call.method == "POST" else None
    return client.build_request(call.method, call.path, params={"purpose": "check"}, json=body)
