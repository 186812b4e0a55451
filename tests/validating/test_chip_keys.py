"""Masters of cards go to a terminal only where somebody chose so, only by its own key, and only for that terminal."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI

from amis.kernel import clock, keys
from amis.kernel.db import transaction
from amis.kernel.keys import keystore
from amis.kernel.settings import settings
from amis.staff.guard import protect
from amis.validating import chip_keys_api
from amis.validating.chip_keys import chip_keys_of, set_chip_keys
from amis.validating.errors import TerminalNotRegistered
from amis.web.faults import answer_faults
from cards.bearer import Pairing
from cards.errors import NoSuchKey
from cards.jwk import jwk
from cards.keys import EncryptedFileKeyStore, RawKey, rotate_keyset
from cards.keys.chip import MASTERS, chip_keys
from cards.profile.layout import AID, READ, USE
from terminals.chip_keys import ChipKeys
from terminals.errors import AnswerUnreadable, Refused
from terminals.keeping import SealedFolder, seals_in
from terminals.link import Link
from tests.softhsm import Token
from tests.validating.doors import ADMIN, OF_RIGA, browser
from tests.validating.test_pages import words
from tests.validating.town import Terminal, Town

UID = bytes.fromhex("04a1b2c3d4e5f6")


class Bus:
    """A paired terminal with a folder of its own."""

    def __init__(
        self, terminal: Terminal, http: httpx.AsyncClient, home: Path, key: ec.EllipticCurvePrivateKey
    ) -> None:
        self.terminal, self.key, self.home = terminal, key, home
        self.link = Link(Pairing(settings().public_url.rstrip("/"), str(terminal.id), 1, "f"), key, http)

    @property
    def keys(self) -> ChipKeys:
        """As after a restart."""
        return ChipKeys(SealedFolder(self.home / "card-keys", seals_in(self.home).store))

    async def fetch(self, key: ec.EllipticCurvePrivateKey | None = None) -> bool:
        self.link._bearer._text, self.link._bearer._ends = self.terminal.bearer, datetime(2100, 1, 1, tzinfo=UTC)
        return await self.keys.fetch(self.link, key or self.key, clock.now)


@pytest.fixture
async def bus(town: Town, tmp_path: Path) -> AsyncIterator[Bus]:
    app = FastAPI(openapi_url=None)
    app.include_router(chip_keys_api.router)
    answer_faults(app)
    protect(app)
    terminal, key = await town.add_terminal(), ec.generate_private_key(ec.SECP256R1())
    await town.db.execute("UPDATE machine SET municipality_id = 2 WHERE id = %s", (terminal.id,))
    await town.db.execute("UPDATE machine_token SET municipality_id = 2 WHERE machine_id = %s", (terminal.id,))
    told = "UPDATE machine_pairing SET municipality_id = 2, jwk = %s::jsonb, approved_at = now() WHERE machine_id = %s"
    await town.db.execute(told, (json.dumps(jwk(key.public_key())), terminal.id))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield Bus(terminal, http, tmp_path / "home", key)


async def choose(terminal: UUID, which: str) -> None:
    async with transaction(ADMIN) as tx:
        await set_chip_keys(tx, terminal, which)


async def test_a_terminal_gets_the_masters_that_were_chosen_for_it_and_keeps_them_sealed(town: Town, bus: Bus) -> None:
    store = keystore()
    for which, slots in (("read", {READ}), ("use", {READ, USE})):
        await choose(bus.terminal.id, which)
        assert await bus.fetch()
        held = bus.keys.held
        assert held is not None
        assert {slot for slot, name in MASTERS.items() if held.states(name)} == slots
        for slot in slots:
            assert chip_keys(held, 2, UID, AID)(slot, 1) == chip_keys(store, 2, UID, AID)(slot, 1)
        with pytest.raises(NoSuchKey):
            chip_keys(held, 2, UID, AID)(3, 1)
    kept = b"".join(path.read_bytes() for path in bus.home.rglob("*") if path.is_file())
    for key in store.copies([MASTERS[READ], MASTERS[USE]]):  # type: ignore[attr-defined]  # the file's
        assert key.secret not in kept
    found = await town.db.execute(
        "SELECT after ->> 'keys' FROM audit WHERE action = 'terminal.card_keys' ORDER BY at, id"
    )
    assert [row[0] for row in await found.fetchall()] == ['["card/1"]', '["card/1", "card/2"]']


async def test_what_is_no_longer_chosen_is_destroyed_at_the_next_question(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    masters = EncryptedFileKeyStore.create(tmp_path / "keys", RawKey(bytes(32)))
    for name in MASTERS.values():
        masters.add(name)
    monkeypatch.setattr(keys, "_store", masters)
    assert not await bus.fetch()
    await choose(bus.terminal.id, "read")
    assert await bus.fetch()
    rotate_keyset(masters)
    assert await bus.fetch()
    assert bus.keys.held is not None
    assert list(bus.keys.held.states(MASTERS[READ])) == [1, 2]
    await choose(bus.terminal.id, "")
    assert not await bus.fetch()
    assert bus.keys.held is None
    assert not list((bus.home / "card-keys").iterdir())


async def test_a_stolen_bearer_gets_nothing_without_the_terminals_own_key(bus: Bus) -> None:
    await choose(bus.terminal.id, "use")
    with pytest.raises(Refused):
        await bus.fetch(ec.generate_private_key(ec.SECP256R1()))
    bus.link.pairing = Pairing(bus.link.pairing.url, bus.link.pairing.machine_id, 2, "f")
    with pytest.raises(AnswerUnreadable):
        await bus.fetch()


async def test_a_module_gives_no_masters_away(bus: Bus, token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    await choose(bus.terminal.id, "read")
    module = await asyncio.to_thread(token.open)
    monkeypatch.setattr(keys, "_store", module)
    with pytest.raises(Refused, match="card_keys_stay"):
        await bus.fetch()


async def test_the_choice_is_on_the_page_with_a_warning_and_only_its_owner_makes_it(town: Town, bus: Bus) -> None:
    page, address = browser(), f"/terminals/{bus.terminal.id}"
    assert "pass for genuine" in words((await page.get(address)).text)
    assert (await page.post(f"{address}/card-keys", data={"chip_keys": "read"})).status_code == 303
    assert (await page.post(f"{address}/card-keys", data={"chip_keys": "all"})).status_code == 422
    assert (await browser(OF_RIGA).post(f"{address}/card-keys", data={"chip_keys": "use"})).status_code == 404
    async with transaction(ADMIN) as tx:
        assert await chip_keys_of(tx, bus.terminal.id) == "read"
        with pytest.raises(TerminalNotRegistered):
            await set_chip_keys(tx, UUID(int=1), "read")
        with pytest.raises(TerminalNotRegistered):
            await chip_keys_of(tx, UUID(int=1))
    assert "Keys of cards chosen" in words((await page.get(address)).text)
