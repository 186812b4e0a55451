"""A token on a phone: what is signed for it, and what moving it does to what was signed before."""

from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from amis.issuing import service, store
from amis.issuing.errors import NotShown, StepRefused, TokenHeld
from amis.issuing.phones import OnPhone, move_to_phone, renew_on_phone
from amis.issuing.token_view import view
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.keys import keystore
from cards import base45, cose
from cards.credential import verify
from cards.errors import Screenshot
from cards.presentation import present
from tests.issuing.town import CHECK, acting, credential, entitled, issued, token

KEY = ec.derive_private_key(7, ec.SECP256R1())
DEVICE = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


async def moved(token_id: UUID) -> OnPhone:
    return await acting(lambda tx: move_to_phone(tx, token_id, DEVICE))


async def renewed(token_id: UUID) -> OnPhone:
    return await acting(lambda tx: renew_on_phone(tx, token_id, DEVICE))


async def test_a_terminal_verifies_what_the_phone_presents_and_refuses_it_bare(town: Actor) -> None:
    paper = await issued(await entitled())
    made = await moved(paper.id)
    now = clock.now()
    inner = base45.decode(made.text.removeprefix("AM1:"))
    text = present(inner, lambda data: cose.sign(KEY, data), int(now.timestamp()))
    shown = verify(text, store.trust(keystore()), now)
    assert (shown.profile, shown.claims.device, shown.claims.cti) == ("B", DEVICE, None)
    assert shown.rights == made.rights
    assert timedelta(0) <= now + timedelta(days=30) - made.expires < timedelta(minutes=1)
    assert (shown.status_list, shown.status_index) == (made.token.status_list, made.token.status_index)
    with pytest.raises(Screenshot):
        verify(made.text, store.trust(keystore()), now)


async def test_the_token_before_ends_in_the_same_moment(town: Actor) -> None:
    paper = await issued(await entitled())
    made = await moved(paper.id)
    before, after = await token(paper.id), await token(made.token.id)
    assert (before.state, before.reason, before.status) == ("ended", "replaced", 1)
    assert (after.state, after.kind, after.replaces) == ("active", "qr", paper.id)
    with pytest.raises(StepRefused):
        await moved(paper.id)


async def test_a_phone_shows_nothing_at_the_desk_and_prints_nothing(town: Actor) -> None:
    made = await moved((await issued(await entitled())).id)
    page = await acting(lambda tx: view(tx, made.token.id, CHECK, "en"))
    assert (page.on_phone, page.shows_code, page.code) == (True, False, None)
    with pytest.raises(NotShown):
        await acting(lambda tx: store.open_credential(tx, made.token, CHECK))


async def test_it_is_signed_anew_only_when_it_says_or_lasts_too_little(town: Actor) -> None:
    made = await moved((await issued(await entitled())).id)
    assert (await renewed(made.token.id)).text == made.text
    assert (await credential(made.token.id)).generation == 1
    with clock.moved(clock.now() + timedelta(days=16)):
        later = await renewed(made.token.id)
        assert later.text != made.text
        assert later.expires > clock.now() + timedelta(days=29)
    assert (await credential(made.token.id)).generation == 2


@pytest.mark.parametrize("reason", ["misuse", "office"])
async def test_a_block_against_the_holder_stops_every_phone(town: Actor, reason: str) -> None:
    made = await moved((await issued(await entitled())).id)
    await acting(lambda tx: service.block(tx, made.token.id, reason))
    for deed in (renewed, moved):
        with pytest.raises(TokenHeld):
            await deed(made.token.id)


async def test_paper_is_not_renewed_as_a_phone(town: Actor) -> None:
    paper = await issued(await entitled())
    with pytest.raises(StepRefused):
        await renewed(paper.id)
