"""What the client tells from an answer: try again later, or never."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from cards.bearer import Pairing
from terminals.client import Client
from terminals.errors import Refused, Unreachable
from terminals.journal import Journal, journal_in
from terminals.message import Tap

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
TAP = Tap("0" * 16, NOW, Decimal("0.85"))
Answers = Callable[[httpx.Request], httpx.Response]


async def refusal(journal: Journal, answers: Answers) -> type[Exception]:
    pairing = Pairing("http://amis", "m-1", 1, "f")
    async with httpx.AsyncClient(transport=httpx.MockTransport(answers)) as http:
        client = Client(pairing, ec.generate_private_key(ec.SECP256R1()), journal, http, attempts=2, now=lambda: NOW)
        with pytest.raises((Refused, Unreachable)) as raised:
            await client.validate(TAP)
    return raised.type


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_service_too_busy_to_give_a_bearer_is_asked_again_later(tmp_path: Path, status: int) -> None:
    journal = journal_in(tmp_path)
    assert await refusal(journal, lambda _: httpx.Response(status)) is Unreachable
    assert [seq for seq, _ in journal.pending()] == [1]


async def test_a_machine_that_gets_no_bearer_is_told_so_and_the_tap_waits(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    assert await refusal(journal, lambda _: httpx.Response(401)) is Refused
    assert [seq for seq, _ in journal.pending()] == [1]


async def test_a_refused_request_is_never_sent_again(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    bearer = {"access_token": "x", "expires_in": 900}

    def answers(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=bearer) if "token" in request.url.path else httpx.Response(422)

    assert await refusal(journal, answers) is Refused
    assert journal.pending() == []


async def test_every_amount_is_written_as_the_service_reads_it() -> None:
    for gross in (Decimal("1E+1"), Decimal("8.50")):
        assert "E" not in Tap("x", NOW, gross).body(1).decode().split('"gross":"')[1].split('"')[0]
