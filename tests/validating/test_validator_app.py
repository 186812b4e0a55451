"""The validator's app on a phone, with the real service: paired, online, offline, revoked."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Route
from sqlalchemy import select

from amis.demo.town import approve_terminal, install_terminal
from amis.issuing import service as issuing
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.keys import keystore
from amis.staff import machine_service
from amis.staff.machine_store import newest_pairing
from amis.validating.models import Use
from cards import base45
from cards.claims import decode_claims
from cards.cose import cut
from cards.credential import mint
from cards.keys import KeySigner
from cards.number import new_number
from cards.presentation import present
from tests.browser import axe
from tests.town import CLERK, Site, needy
from tests.validating.phone import Camera, Phone, camera_in, phone

SPRING = date(2026, 3, 1), None
OTHER = "32345678902"
YEAR = timedelta(days=365)
TYPES = """(text) => {
  for (const key of [...text, 'Enter']) {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  }
}"""
"""A code reader that types as fast as its keys come, however busy the machine is."""
KEPT = """async () => {
  const { names, open } = await import('/validator/store.js')
  const db = await open()
  const found = {}
  for (const store of ['bundle', 'request', 'kept']) found[store] = await names(db, store)
  return found
}"""


@pytest.fixture(scope="module")
async def camera(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Camera]:
    async with camera_in(tmp_path_factory.mktemp("camera")) as opened:
        yield opened


@pytest.fixture
async def device(camera: Camera) -> AsyncIterator[Phone]:
    async with phone(camera) as opened:
        yield opened


async def installed(site: Site, device: Phone) -> UUID:
    """A terminal whose app is paired, approved and set."""
    machine, code = await install_terminal(site.town, "museum")
    await site.publish()
    await device.pair(site.url, code)
    await approve_terminal(machine)
    # it asks at once
    await device.page.reload()
    await device.set_price("5,00")
    await device.badge("Tiešsaistē · dati")
    await device.kept("generation-")
    await device.kept_app()
    return machine


async def uses(site: Site, machine: UUID) -> list[str]:
    """The reasons of what the service has recorded from this terminal, in order."""
    async with transaction(CLERK) as tx:
        return list(await tx.session.scalars(select(Use.reason).where(Use.terminal_id == machine).order_by(Use.at)))


class Pocket:
    """A holder's own device, that shows a token as its own."""

    def __init__(self, text: str) -> None:
        """`text` is a static credential of the token."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        signer = KeySigner.of(keystore(), "issuer/JLG")
        static = decode_claims(cut(base45.decode(text.removeprefix("AM1:"))).payload)
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        iat = int(clock.now().timestamp())
        bound = static._replace(iat=iat, exp=iat + 86_400, cti=None, nbf=None, device=point)
        self.credential = mint(signer, bound)

    def now(self) -> str:
        """What its screen shows."""
        return present(self.credential, self._sign, int(clock.now().timestamp()))

    def screenshot(self) -> str:
        """The credential without the device."""
        return "AM1:" + base45.encode(self.credential)

    def _sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


async def test_a_phone_is_paired_and_its_camera_reads_codes(site: Site, device: Phone) -> None:
    await site.states(needy("R1", 1, *SPRING))
    _, text = await site.issue()
    machine, code = await install_terminal(site.town, "museum")
    page, problems = device.page, {}
    await page.goto(f"{site.url}/validator/")
    await page.locator("#code").fill("XXXX-XXXX-XXXX")
    await page.locator("#pair-form button").click()
    await page.get_by_text("Kods nav pareizs").wait_for()
    problems["pair"] = await axe(page)
    await page.goto("about:blank")
    shown = await device.pair(site.url, code)
    async with transaction(system("test")) as tx:
        newest = await newest_pairing(tx, machine)
    assert newest is not None
    assert shown == newest.fingerprint
    problems["wait"] = await axe(page)
    await approve_terminal(machine)
    await device.set_price("pieci")
    await page.get_by_text("Cena, piemēram, 5,00.").wait_for()
    problems["settings"] = await axe(page)
    await device.set_price("5,00")
    problems["scan"] = await axe(page)
    device.hold(text)
    await device.look_again()
    problems["verdict"] = await device.axe_of_verdict()
    assert await device.verdict() == {
        "colour": "green",
        "word": "Der",
        "line": "OK, -100 %",
        "look": "",
        "facts": ["Jāmaksā: 0,00\xa0€", "Vēl atliek: 19"],
    }
    assert problems == {name: [] for name in problems}
    # the code is still held before the camera
    await page.locator("#language").click()
    await page.get_by_text("Price without concession").wait_for()
    assert await page.locator("#verdict").is_hidden()
    assert await uses(site, machine) == ["OK"]
    device.hold("HTTPS://EXAMPLE.ORG/TICKET")
    await device.look_again()
    foreign = await device.verdict()
    assert (foreign["colour"], foreign["word"], foreign["line"]) == (
        "red",
        "Not valid",
        "Code cannot be read. Full price 5.00 EUR",
    )
    oversized = await device.type("AM1:" + "A" * 2000)
    assert oversized["line"] == "Code cannot be read. Full price 5.00 EUR"
    await page.locator("#number").blur()
    await page.evaluate(TYPES, text)
    assert (await device.verdict())["facts"] == ["To pay: €0.00", "Still left: 18"]
    assert await uses(site, machine) == ["OK", "OK"]


async def swallow(route: Route) -> None:
    """A request that arrives and an answer that does not."""
    await route.fetch()
    await route.abort()


async def cut_off(route: Route) -> None:
    """An answer of which only the beginning arrives."""
    answer = await route.fetch()
    await route.fulfill(response=answer, body=(await answer.body())[:20])


async def test_it_decides_alone_and_tells_later(site: Site, device: Phone) -> None:
    await site.states(needy("R1", 1, *SPRING), needy("R2", 1, *SPRING, code=OTHER))
    _, text = await site.issue()
    lost, lost_text = await site.issue(OTHER)
    pocket = Pocket(text)
    machine = await installed(site, device)
    async with transaction(CLERK) as tx:
        await issuing.block(tx, lost, "lost")
    await site.publish()
    await device.kept("delta-")
    await device.context.set_offline(True)
    await device.page.reload()
    await device.badge("Bezsaistē")
    found = {
        "static": await device.type(text),
        "blocked": await device.type(lost_text),
        "phone": await device.type(shown := pocket.now()),
        "again": await device.type(shown),
        "screenshot": await device.type(pocket.screenshot()),
        "foreign": await device.type("WIFI:T:WPA"),
        "oversized": await device.type("AM1:" + "A" * 2000),
        "number": await device.type(new_number()),
    }
    lines = {name: (one["colour"], one["line"].removesuffix(". Pilna cena 5.00 EUR")) for name, one in found.items()}
    assert lines == {
        "static": ("green", "OK, -100 %"),
        "blocked": ("red", "Karte bloķēta"),
        "phone": ("green", "OK, -100 %"),
        "again": ("red", "Kods jau izmantots"),
        "screenshot": ("red", "Ekrānattēls neder"),
        "foreign": ("red", "Kodu nevar nolasīt"),
        "oversized": ("red", "Kodu nevar nolasīt"),
        "number": ("red", "Vajadzīgs savienojums"),
    }
    await device.badge("nenosūtīti: 8")
    await device.page.locator("[value=inspect]").check(force=True)
    seen = await device.type(text)
    assert (seen["colour"], seen["look"]) == ("green", "Salīdziniet fotoattēlu uz kartes")
    await device.badge("nenosūtīti: 8")
    assert await uses(site, machine) == []
    await device.context.set_offline(False)
    await device.page.locator("#badge", has_not_text="nenosūtīti").wait_for()
    assert await uses(site, machine) == ["OK", "OK"]
    # the service takes the tap, and its answer never arrives
    await device.context.route("**/v1/validations", swallow)
    await device.page.locator("[value=serve]").check(force=True)
    assert (await device.type(text))["line"] == "OK, -100 %"
    await device.page.locator("#badge", has_not_text="nenosūtīti").wait_for()
    assert await uses(site, machine) == ["OK", "OK", "OK"]
    await device.context.unroute("**/v1/validations")
    await device.context.route("**/v1/validations", cut_off)
    assert (await device.type(text))["line"] == "OK, -100 %"
    await device.page.locator("#badge", has_not_text="nenosūtīti").wait_for()
    assert await uses(site, machine) == ["OK"] * 4


async def test_a_revoked_phone_forgets_everything_but_what_was_never_sent(site: Site, device: Phone) -> None:
    await site.states(needy("R1", 1, *SPRING))
    _, text = await site.issue()
    page = device.page
    # what the service says of the time counts, and not what somebody has set
    await page.clock.install(time=clock.now() + YEAR)
    machine = await installed(site, device)
    async with transaction(system("test")) as tx:
        await machine_service.suspend(tx, machine)
    assert (await device.type(text))["colour"] == "green"
    await device.badge("Apturēts AMIS · dati: tikko · nenosūtīti: 1")
    async with transaction(system("test")) as tx:
        await machine_service.revoke(tx, machine, "stolen")
    await device.submit(text)
    await page.get_by_text("AMIS šo termināli ir atsaucis.").wait_for()
    await page.get_by_text("Nenosūtīti vai nepieņemti ieraksti: 1.").wait_for()
    assert await axe(page) == []
    left = await page.evaluate(KEPT)
    assert left == {"bundle": [], "request": [], "kept": ["ended", "head", "pairing", "records-key", "seq", "settings"]}
    await page.locator("#ended-pair").click()
    await page.get_by_text("vēl nav saglabāti failā").wait_for()
    async with page.expect_download() as saving:
        await page.locator("#ended [data-export]").click()
    saved = await saving.value
    (line,) = await asyncio.to_thread(_lines, await saved.path())
    said = json.loads(line)
    assert saved.suggested_filename == f"{machine}-1.ndjson"
    assert (said["seq"], said["prev"], said["verdict"], said["reason"]) == (1, "0" * 64, "ACCEPT", "OK")
    assert abs(datetime.fromisoformat(said["at"]) - clock.now()) < timedelta(minutes=5)
    await page.locator("#ended-pair").click()
    await page.locator("#pair-form").wait_for()
