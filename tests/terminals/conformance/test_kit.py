"""The kit on our own service, and on a backend that keeps nothing."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from amis.demo.town import approve_terminal, install_terminal
from amis.issuing import service as issuing
from amis.kernel import clock
from amis.kernel.db import transaction
from cards.jwk import thumbprint
from terminals.conformance.backend import Backend, Samples
from terminals.conformance.clause import Clause, Verdict
from terminals.conformance.kit import CLAUSES, try_all
from tests.town import ADULT, CLERK, Site, needy

_DOCUMENT = Path(__file__).parents[3] / "docs" / "terminals.md"
_ANOTHER = "32345678902"


async def _token(site: Site, code: str) -> str:
    today = clock.today()
    applied = await site.states(needy(f"R-{code}", 1, today, today + timedelta(days=90), code=code))
    assert applied == ["applied"]
    token, shown = await site.issue(code)
    if code == _ANOTHER:
        async with transaction(CLERK) as tx:
            await issuing.block(tx, token, "lost")
    return shown


async def test_our_own_service_keeps_every_clause(site: Site) -> None:
    samples = Samples(await _token(site, ADULT), await _token(site, _ANOTHER))
    machine, code = await install_terminal(site.town, "conformance")
    await site.publish()

    async def approved() -> bool:
        await approve_terminal(machine)
        await site.publish()
        return True

    outcomes = await try_all(Backend(site.url, site.http, code, samples), approved)
    other = [f"{one.clause.number} {one.clause.sentence} {one.seen}" for one in outcomes if one.verdict != "kept"]
    assert other == []


async def test_a_backend_that_says_yes_to_everything_keeps_nothing_but_the_pairing() -> None:
    backend = Backend("http://yes", httpx.AsyncClient(), "code", Samples("AM1:A", "AM1:B"))
    told = {"machine_id": "1", "pairing": 1, "fingerprint": thumbprint(backend.key.public_key()), "access_token": "x"}
    content = told | {"expires_in": 900, "verdict": "ACCEPT", "seq": 1, "payable": "0"}
    backend.http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=content)))

    async def approved() -> bool:
        return True

    async with backend.http:
        outcomes = await try_all(backend, approved)
    assert {one.clause.number for one in outcomes if one.verdict is Verdict.KEPT} == {"M2", "M5", "V4", "V5"}


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.number)
def test_each_clause_is_in_the_contract_in_the_same_words(clause: Clause) -> None:
    assert f"| {clause.number} | {clause.sentence} |" in _DOCUMENT.read_text()
