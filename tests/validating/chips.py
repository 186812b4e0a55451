"""Chips of the town's cards, as a desk would have written them, and a terminal's reader on which they lie."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI

from amis.issuing.card_keys import keys_for
from amis.kernel import clock
from amis.staff.guard import protect
from amis.validating import api, chip_socket, upload_api
from amis.validating.lane import Lane
from amis.validating.uploading import Uploads
from amis.web.faults import answer_faults
from cards.bearer import Pairing
from cards.desfire.procedure import run
from cards.keys.chip import CardKeys
from cards.profile import CardContent, EntitlementRecord, HolderFile, Units, personalise, read_units
from cards.profile.layout import UPDATE
from cards.simcard import Version, VirtualCard
from terminals.chip_link import ChipLink
from terminals.link import Link
from tests.browser import serving
from tests.validating.town import JELGAVA, Card, Terminal, card_credential_of

RIDES = EntitlementRecord(1, 0, 100, 0, date(2020, 1, 1), date(2100, 1, 1))


def chip_of(
    card: Card, keys: CardKeys | None = None, version: Version = Version.EV1, chip: VirtualCard | None = None
) -> VirtualCard:
    """The card's chip; with other `keys` a copy of what everybody can read of it."""
    content = CardContent(
        issuer=JELGAVA,
        number=card.number,
        valid_from=date(2020, 1, 1),
        valid_to=date(2100, 1, 1),
        generation=1,
        credential=card_credential_of(card, clock.now()),
        holder=HolderFile(bytes(16), 1980, False, bytes(32)),
        entitlements=(RIDES,),
        quota=0,
    )
    chip = chip or VirtualCard(card.uid, version=version)
    of_chip = keys or keys_for(JELGAVA)(card.uid)
    run(personalise(content, 1, lambda _: of_chip, uid=card.uid), chip.process)
    chip.power_off()
    chip.power_on()
    return chip


@asynccontextmanager
async def service(lane: Lane) -> AsyncIterator[str]:
    """What a terminal's program reaches, behind the guard, on `lane`."""
    app = FastAPI(openapi_url=None)
    app.router.routes[:0] = [*api.routes(), *upload_api.routes()]
    app.include_router(chip_socket.router)
    answer_faults(app)
    protect(app)
    uploads = Uploads()

    async def with_state(scope, receive, send):  # type: ignore[no-untyped-def]  # ASGI
        if scope["type"] != "lifespan":
            scope["state"] = {"lane": lane, "uploads": uploads}
        await app(scope, receive, send)

    async with serving(with_state) as address:
        yield address


@asynccontextmanager
async def link_of(address: str, terminal: Terminal) -> AsyncIterator[Link]:
    """The terminal's way to the service, with the bearer that the town gave it."""
    async with httpx.AsyncClient() as http:
        pairing = Pairing(address, str(terminal.id), 1, "fingerprint")
        link = Link(pairing, ec.generate_private_key(ec.SECP256R1()), http)
        link._bearer._text, link._bearer._ends = terminal.bearer, datetime(2100, 1, 1, tzinfo=UTC)
        yield link


@asynccontextmanager
async def chip_link(address: str, terminal: Terminal) -> AsyncIterator[ChipLink]:
    """The terminal's way for its cards."""
    async with link_of(address, terminal) as link:
        chips = ChipLink(link)
        try:
            yield chips
        finally:
            await chips.close()


async def loaded(chips: ChipLink, terminal: Terminal, chip: VirtualCard, units: int, concession: int = 1) -> bytes:
    """The answer to a request that puts units on the card."""
    return await chips.ask("load", load_body(terminal, chip, units, concession), chip.process)


def load_body(terminal: Terminal, chip: VirtualCard, units: int, concession: int = 1) -> bytes:
    """The request for it."""
    asked = {"seq": terminal.next(), "uid": chip.uid.hex(), "concession": concession, "units": units}
    return json.dumps(asked).encode()


def on_chip(card: Card, chip: VirtualCard) -> Units:
    """What the card says of its units."""
    return run(read_units(keys_for(JELGAVA)(card.uid)(UPDATE, 1)), chip.process)
