"""The list of terminals and the page of one, from setting it up to revoking it."""

import re
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey
from psycopg import AsyncConnection
from sqlalchemy import text

from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.staff import machine_service
from tests.validating.doors import OF_RIGA, READER, browser
from tests.validating.test_api import Tap
from tests.validating.test_pages import words
from tests.validating.town import Town


@pytest.fixture
def page(town: Town) -> httpx.AsyncClient:
    return browser()


async def set_up(page: httpx.AsyncClient, town: Town, label: str = "12. autobuss") -> str:
    """The address of a new terminal's page."""
    given = {"label": label, "provider": str(town.provider), "place": str(town.place)}
    made = await page.post("/terminals", data=given)
    assert made.status_code == 303, made.text
    return str(made.headers["location"]).partition("?")[0]


def code_in(text: str) -> str:
    found = re.search(r'class="amis-code__value"[^>]*>([^<]+)<', text)
    assert found is not None
    return found[1]


async def answer(code: str) -> str:
    """A machine uses the code; the fingerprint of its key."""
    async with transaction(system("machine")) as tx:
        return (
            await machine_service.use_code(tx, code, ECKey.generate_key("P-256").as_dict(private=False))
        ).fingerprint


async def test_a_terminal_is_set_up_paired_and_approved(page: httpx.AsyncClient, town: Town) -> None:
    where = await set_up(page, town)
    assert "No program has been paired" in (await page.get(where)).text
    given = await page.post(f"{where}/code")
    assert "/validator/#pair=" not in re.sub("<svg.*</svg>", "", given.text, flags=re.S)
    code = code_in(given.text)
    assert "hx-trigger" in given.text
    assert code not in (await page.get(where)).text
    print_ = await answer(code)
    part = await page.get(f"{where}/pairing", headers={"hx-request": "true"})
    assert "<html" not in part.text
    assert print_ in part.text
    assert "hx-trigger" not in part.text
    assert "Waits for approval" in words((await page.get("/terminals")).text)
    approved = await page.post(f"{where}/approve", data={"fingerprint": print_})
    assert approved.headers["location"] == f"{where}?notice=terminal-approved"
    shown = words((await page.get(where)).text)
    assert "Never heard of" in shown
    assert "Key approved" in shown


async def paired(page: httpx.AsyncClient, town: Town) -> str:
    """The address of a terminal whose key is approved."""
    where = await set_up(page, town)
    fingerprint = await answer(code_in((await page.post(f"{where}/code")).text))
    assert (await page.post(f"{where}/approve", data={"fingerprint": fingerprint})).status_code == 303
    return where


async def test_a_key_that_came_after_the_comparison_is_not_approved(page: httpx.AsyncClient, town: Town) -> None:
    where = await set_up(page, town)
    compared = await answer(code_in((await page.post(f"{where}/code")).text))
    await answer(code_in((await page.post(f"{where}/code")).text))
    refused = await page.post(f"{where}/approve", data={"fingerprint": compared})
    assert refused.status_code == 409
    assert "Waits for approval" in words(refused.text)


async def test_a_key_that_came_to_a_suspended_terminal_waits_until_it_works_again(
    page: httpx.AsyncClient, town: Town
) -> None:
    where = await paired(page, town)
    code = code_in((await page.post(f"{where}/code")).text)
    await page.post(f"{where}/state", data={"step": "suspend", "reason": "lost"})
    fingerprint = await answer(code)
    shown = (await page.get(where)).text
    assert "Let the terminal work again first." in shown
    assert "They are the same" not in shown
    assert (await page.post(f"{where}/approve", data={"fingerprint": fingerprint})).status_code == 409


async def test_a_terminal_is_suspended_resumed_and_revoked_with_reasons(page: httpx.AsyncClient, town: Town) -> None:
    where = await paired(page, town)
    for step, standing in (("suspend", "Suspended"), ("resume", "Never heard of"), ("revoke", "Revoked")):
        refused = await page.post(f"{where}/state", data={"step": step, "reason": " "})
        assert (refused.status_code, refused.text.count("Say why")) == (422, 2)
        done = await page.post(f"{where}/state", data={"step": step, "reason": f"because {step}"})
        assert done.status_code == 303
        shown = words((await page.get(where)).text)
        assert f"State {standing}" in shown
        assert f"Anna because {step}" not in shown
        assert f"because {step}" in shown
    assert (await page.post(f"{where}/code")).status_code == 409
    assert (await page.post(f"{where}/state", data={"step": "resume", "reason": "x"})).status_code == 409


async def test_a_terminal_moves_among_the_places_of_its_provider(page: httpx.AsyncClient, town: Town) -> None:
    where = await set_up(page, town)
    depot = await town.add_place("DEPO")
    other = await page.post("/providers", data={"code": "OTHER", "name": "Cits", "kind": "venue"})
    theirs = other.headers["location"].partition("?")[0]
    await page.post(f"{theirs}/places", data={"code": "HALL", "name": "Zāle", "mode": "venue"})
    row = await (await town.db.execute("SELECT id FROM place WHERE code = 'HALL'")).fetchone()
    assert row is not None
    assert (await page.post(f"{where}/move", data={"place": str(depot)})).status_code == 303
    assert "Place DEPO" in words((await page.get(where)).text)
    for place in (str(row[0]), "nowhere"):
        assert (await page.post(f"{where}/move", data={"place": place})).status_code == 422
    given = {"label": "x", "provider": str(town.provider), "place": str(row[0])}
    assert (await page.post("/terminals", data=given)).text.count("own provider") == 2


MOVE = text("UPDATE terminal SET place_id = place_id WHERE machine_id = :id")


async def test_a_terminal_of_its_provider_is_seen_and_changed_by_nobody_here(
    page: httpx.AsyncClient, town: Town
) -> None:
    terminal = await town.add_terminal()
    where = f"/terminals/{terminal.id}"
    assert "belongs to its provider" in (await page.get(where)).text
    for path, given in (
        ("code", {}),
        ("approve", {"fingerprint": "x"}),
        ("move", {"place": str(town.place)}),
        ("state", {"step": "revoke", "reason": "x"}),
    ):
        assert (await page.post(f"{where}/{path}", data=given)).status_code == 404


async def test_a_terminal_of_another_municipality_is_not_there(page: httpx.AsyncClient, town: Town) -> None:
    where = await paired(page, town)
    async with browser(OF_RIGA) as stranger:
        assert (await stranger.get(where)).status_code == 404
        assert "12. autobuss" not in (await stranger.get("/terminals")).text
        assert (await stranger.post(f"{where}/state", data={"step": "revoke", "reason": "x"})).status_code == 404
        assert (await stranger.post(f"{where}/move", data={"place": str(town.place)})).status_code == 404


async def test_the_database_itself_lets_only_the_owner_move_a_terminal(
    town: Town, database: Any, owner_connection: AsyncConnection
) -> None:
    terminal = await town.add_terminal()
    for municipality, moved in (("", 1), ("2", 0), ("3", 0)):
        async with transaction(system("test", int(municipality) if municipality else None)) as tx:
            done = await tx.session.execute(MOVE, {"id": terminal.id})
            assert done.rowcount == moved  # type: ignore[attr-defined]  # of a cursor


async def test_the_list_says_how_each_terminal_stands(page: httpx.AsyncClient, town: Town, tap: Tap) -> None:
    names = ("never", "taps", "current", "behind", "silent", "empty")
    terminals = {name: await town.add_terminal() for name in names}
    for name, terminal in terminals.items():
        await town.db.execute("UPDATE machine SET label = %s WHERE id = %s", (name, terminal.id))
    await tap(terminals["taps"], "x")
    for seq, age in ((7, "1 hour"), (28_000_008, "1 minute"), (28_000_009, "1 second")):
        await town.db.execute(
            "INSERT INTO bundle_version (provider_id, seq, manifest, hash, basis, at)"
            " VALUES (%s, %s, '', sha256(''), '', now() - %s::interval)",
            (town.provider, seq, age),
        )
    for name, held, age in (
        ("current", 28_000_008, "5 s"),
        ("behind", 7, "5 s"),
        ("silent", 8, "1 day"),
        ("empty", None, "5 s"),
    ):
        await town.db.execute(
            "INSERT INTO terminal_presence (terminal_id, provider_id, seen_at, held, skew_ms, waiting, software)"
            " VALUES (%s, %s, now() - %s::interval, %s, -1500, 3, 'amis 1')",
            (terminals[name].id, town.provider, age, held),
        )
    shown = words((await page.get("/terminals")).text)
    assert "6 terminals" in shown
    for said in (
        "28000008 -1.5 s 3",
        "7 (1 step behind) -1.5 s 3",
        "never Jelgavas autobusu parks BUS-1 Never heard of never",
    ):
        assert said in shown
    standings = {}
    for standing in ("online", "behind", "silent", "never"):
        found = (await page.get(f"/terminals?standing={standing}")).text
        standings[standing] = {name for name in names if f">{name}<" in found}
    assert standings == {
        "online": {"taps", "current"},
        "behind": {"behind", "empty"},
        "silent": {"silent"},
        "never": {"never"},
    }


async def test_a_thousand_terminals_are_searched_and_paged(page: httpx.AsyncClient, town: Town) -> None:
    await town.db.execute(
        "WITH made AS (INSERT INTO machine (id, kind, label, state, created_at)"
        " SELECT uuidv7(), 'terminal', 'Bus ' || lpad(n::text, 4, '0'), 'new', now() FROM generate_series(1, 1000) AS n"
        " RETURNING id) INSERT INTO terminal SELECT id, %s, %s FROM made",
        (town.provider, town.place),
    )
    first = (await page.get("/terminals")).text
    assert "1,000 terminals" in first
    assert "Bus 0050" in first
    assert "Bus 0051" not in first
    assert "Bus 1000" in (await page.get("/terminals?page=20")).text
    assert "No such terminals" in (await page.get("/terminals?page=21")).text
    assert "10 terminals" in (await page.get(f"/terminals?provider={town.provider}&find=bus+001")).text
    assert "No such terminals" in (await page.get("/terminals?standing=revoked")).text


async def test_who_only_reads_is_offered_no_change(page: httpx.AsyncClient, town: Town) -> None:
    where = await paired(page, town)
    async with browser(READER) as reader:
        assert "Administrators of terminals pair" in (await reader.get(where)).text
        for path in ("/terminals", where):
            assert 'method="post" action="/t' not in (await reader.get(path)).text


async def test_what_is_missing_in_the_form_stands_beside_its_field(page: httpx.AsyncClient, town: Town) -> None:
    assert "Continue" in (await page.get("/terminals/new")).text
    assert "Continue" in (await page.post("/terminals")).text
    given = {"label": "", "provider": str(town.provider), "place": ""}
    refused = await page.post("/terminals", data=given)
    assert refused.status_code == 422
    assert refused.text.count("Enter a name") == 2
    assert refused.text.count("Choose the place") == 2
