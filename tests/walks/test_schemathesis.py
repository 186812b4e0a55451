"""Schemathesis over our own API description: whatever it makes up, as anybody, is answered as the description says."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from amis.app import create, description
from amis.concessions.store import list_concessions
from amis.intake.api import EVENTS
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from sync import signature
from tests.town import CLERK, Site, needy
from tests.walks.counts import count
from tests.walks.machines import bearer
from tests.walks.staff import RIGA, ROLES, session

CASES = count(test=500, check=5_000, deep=20_000)
EACH = 5
"""Cases of one kind, operation and caller in a round; the round's number is the seed."""
CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.allow_header_conformance,
)
"""All checks of one answer but positive_data_acceptance: a well-formed id or place may still name nothing."""

Headers = dict[str, str]


@dataclass(slots=True)
class Tried:
    """What was asked and answered so far: how often each status by caller, and the answers that broke a promise."""

    statuses: dict[str, dict[int, int]] = field(default_factory=dict)

    def note(self, caller: str, status: int) -> None:
        seen = self.statuses.setdefault(caller, {})
        seen[status] = seen.get(status, 0) + 1

    @property
    def total(self) -> int:
        return sum(sum(seen.values()) for seen in self.statuses.values())


class Signed(requests.auth.AuthBase):
    """Signs each message as the social system does, so that its content is looked at."""

    def __init__(self, key: str) -> None:
        self.keys = [signature.signing_key(key)]

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        content = request.body.encode() if isinstance(request.body, str) else request.body or b""
        assert isinstance(content, bytes)
        request.headers.update(signature.sign(self.keys, f"msg_{new_id().hex}", clock.now(), content))
        return request


@schemathesis.serializer("application/x-ndjson")
def one_line(_: object, value: Any) -> bytes:
    """A body of one line."""
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"


@pytest.fixture
async def known(site: Site) -> dict[str, Any]:
    """Records that exist, to be asked for instead of made-up ones; and the code that a holder shows."""
    await site.states(needy("R1", 1, date(2026, 3, 1), None))
    token, shown = await site.issue()
    async with transaction(CLERK) as tx:
        concession = (await list_concessions(tx))[0].id
    ids = {"token_id": token, "concession_id": concession, "person_id": await site.person()}
    return {**{name: str(value) for name, value in ids.items()}, "status_list": 0, "shown": shown}


@pytest.fixture
async def callers(site: Site) -> dict[str, Headers]:
    """Who calls: nobody, somebody of each of two municipalities who may do all, a terminal that has its bundle."""
    own_page = {"sec-fetch-site": "same-origin"}
    found = {
        "nobody": {},
        "Jelgava": own_page | {"cookie": await session(site, ROLES)},
        "Rīga": own_page | {"cookie": await session(site, ROLES, RIGA)},
        "terminal": {"authorization": f"Bearer {await bearer(site)}"},
    }
    await site.publish()
    return found


async def test_nothing_made_up_is_answered_otherwise_than_described(
    site: Site, known: dict[str, Any], callers: dict[str, Headers]
) -> None:
    schema = schemathesis.openapi.from_dict(description(create()))
    # who calls is ours to say: a made-up case without a cookie would be sent with one all the same
    schema.config.generation.with_security_parameters = False
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    # an answer that goes on for minutes has tests of its own
    operations = [operation for operation in found if not operation.path.endswith("/stream")]
    tried, rounds = Tried(), itertools.count(1)
    while tried.total < CASES:
        number = next(rounds)
        for operation, (name, headers) in itertools.product(operations, callers.items()):
            for run in _runs(site, operation, known, number):
                await asyncio.to_thread(run, name, headers, tried)
    # both sides of the door were reached, not only refusals at it
    assert tried.statuses["nobody"].keys() >= {200, 401, 422}
    assert tried.statuses["Jelgava"].keys() >= {200, 201, 404, 422}
    assert tried.statuses["terminal"].keys() >= {200, 422}


def _runs(
    site: Site, operation: Any, known: dict[str, Any], number: int
) -> Iterator[Callable[[str, Headers, Tried], None]]:
    """One run of well-formed cases on records that exist, and one of made-up and broken ones."""
    yield _run(site, operation.as_strategy(generation_mode=GenerationMode.POSITIVE), number, known)
    yield _run(site, _broken(operation), number, {})


def _broken(operation: Any) -> Any:
    modes = [GenerationMode.POSITIVE]
    if operation.path.endswith("/batch"):
        # a bad line is refused alone, in an answer of 200
        return operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.body or operation.path_parameters or operation.query:
        modes.append(GenerationMode.NEGATIVE)
    return st.sampled_from(modes).flatmap(lambda mode: operation.as_strategy(generation_mode=mode))


def _run(site: Site, strategy: Any, number: int, known: dict[str, Any]) -> Callable[[str, Headers, Tried], None]:
    def run(name: str, headers: Headers, tried: Tried) -> None:
        @seed(number)
        @settings(
            max_examples=EACH,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def ask(case: Any) -> None:
            _name_what_exists(case, known)
            auth = Signed(site.town.sender_key) if known and case.path == EVENTS else None
            response = case.call(base_url=site.url, headers=headers, auth=auth, allow_redirects=False)
            tried.note(name, response.status_code)
            case.validate_response(response, checks=CHECKS, headers=headers)

        ask()

    return run


def _name_what_exists(case: Any, known: dict[str, Any]) -> None:
    for name in case.path_parameters or {}:
        case.path_parameters[name] = known.get(name, case.path_parameters[name])
    if isinstance((case.query or {}).get("wait"), int):
        case.query["wait"] = min(case.query["wait"], 0)
    if known and isinstance(case.body, dict) and isinstance(case.body.get("token"), str):
        case.body["token"] = known["shown"]
