"""What staff do about phones, at the real doors of the service."""

import re
from urllib.parse import urlsplit

import zxingcpp
from pypdfium2 import PdfDocument
from sqlalchemy import select

from amis.holder.pages import address
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.keys import keystore
from amis.kernel.models import AuditEntry
from cards.credential import Verified, verify
from tests.holder.conftest import Holder
from tests.town import CLERK, days
from tests.walks.staff import caller

SEEN = {"seen": "yes"}


async def actions(*names: str) -> list[str]:
    """What the audit trail holds of these, in order."""
    async with transaction(CLERK) as tx:
        rows = await tx.session.scalars(select(AuditEntry).where(AuditEntry.action.in_(names)).order_by(AuditEntry.id))
        return [f"{row.action} by {row.actor_kind}" for row in rows]


def code_on(page: str) -> str:
    (code,) = re.findall(r'class="amis-code__value"[^>]*>([0-9A-Z]{5}-[0-9A-Z]{5})<', page)
    return str(code)


async def test_a_clerk_who_saw_the_holder_gives_a_code_and_can_end_the_phone(holder: Holder) -> None:
    path, phone = f"/tokens/{holder.token_id}/phone", holder.phone()
    async with await caller(holder.site, ["clerk"]) as desk:
        refused = await desk.post(f"{path}/code")
        assert (refused.status_code, "seen an identity document" in refused.text) == (422, True)
        code = code_on((await desk.post(f"{path}/code", data=SEEN)).text)
        there = urlsplit(address(code))
        assert (there.path, there.fragment) == ("/my/", code.replace("-", ""))
        later = (await desk.get(path)).text
        assert (code in later, "A code was given; it works until" in later) == (False, True)
        assert (await phone.enrol(code)).status_code == 201
        assert "Only an active QR token" in (await desk.get(path)).text
        moved = f"/tokens/{await holder.token()}"
        assert "On a phone: see it or end it" in (await desk.get(moved)).text
        assert "the holder" in (await desk.get(moved)).text
        assert "On a phone since" in (await desk.get(f"{moved}/phone")).text
        ended = await desk.post(f"{moved}/phone/end")
        assert (ended.status_code, ended.headers["location"]) == (303, f"{moved}?notice=ended")
        assert (await desk.post(f"{moved}/phone/end")).status_code == 409
    assert (await holder.site.tap(phone.shows())).reason == "TOKEN_BLOCKED"
    done = await actions("holder.code", "holder.enrol", "holder.end")
    assert done == ["holder.code by staff", "holder.enrol by holder", "holder.end by staff"]


async def test_a_code_is_only_for_an_active_token_and_for_those_who_may(holder: Holder) -> None:
    path = f"/tokens/{holder.token_id}/phone/code"
    async with await caller(holder.site, ["supervisor"]) as stranger:
        assert (await stranger.post(path, data=SEEN)).status_code == 403
    async with transaction(CLERK) as tx:
        await issuing.block(tx, holder.token_id, "lost")
    async with await caller(holder.site, ["clerk"]) as desk:
        assert (await desk.post(path, data=SEEN)).status_code == 409


async def test_a_letter_with_a_name_and_a_code_for_the_phone(holder: Holder) -> None:
    path = f"/tokens/{holder.token_id}/letter"
    async with await caller(holder.site, ["clerk"]) as desk:
        purpose = {"purpose": "application"}
        assert "Name and year of birth too" in (await desk.get(path, params=purpose)).text
        printed = await desk.post(path, params=purpose, data={"profile": "P", "access": "yes"})
        plain = await desk.post(path, params=purpose, data={"profile": "S"})
    assert printed.headers["content-type"] == "application/pdf"
    named, text = read(printed.content)
    assert (named.profile, named.claims.name, named.claims.birth_year) == ("P", "Anna Ozola", 1984)
    (code,) = re.findall(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", text)
    anonymous, other = read(plain.content)
    assert (anonymous.profile, code in other) == ("S", False)
    with clock.moved(clock.now() + days(29)):
        assert (await holder.phone().enrol(code)).status_code == 201


def read(pdf: bytes) -> tuple[Verified, str]:
    """What the code in a letter proves, and the letter's text."""
    with PdfDocument(pdf) as document:
        page = document[0]
        (found,) = zxingcpp.read_barcodes(page.render(scale=4).to_pil())
        text = page.get_textpage().get_text_bounded()
    return verify(found.text, tokens.trust(keystore()), clock.now()), text
