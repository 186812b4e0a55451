"""A card is tied to one chip before that chip changes, and what goes into it is the same while nothing changed."""

from uuid import UUID

import pytest

from amis.issuing import request_store, service, store
from amis.issuing.card_content import content_of
from amis.issuing.errors import AnotherChip, ChipTaken, NotShown, StepRefused
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.keys import keystore
from cards.credential import verify_card
from cards.profile.content import CardContent, Image
from tests.issuing.cards_town import approved, encoded, in_use, new_uid, product
from tests.issuing.town import CLERK, CODES, acting, credential, entitled, state, token

pytestmark = pytest.mark.usefixtures("town")


@pytest.fixture
async def anna(town: Actor) -> UUID:
    """Somebody with concessions, in a town that has a card."""
    await product()
    return await entitled()


async def content(token_id: UUID, uid: bytes) -> CardContent:
    """What goes into the chip, once the card is tied to it."""
    if (await token(token_id)).state == "approved":
        await acting(lambda tx: service.begin_production(tx, token_id, uid, 1))
    return await acting(lambda tx: content_of(tx, token_id, uid))


async def test_a_card_is_made_with_the_chip_on_which_work_began(anna: UUID) -> None:
    made, uid, other = await approved(anna), new_uid(), new_uid()
    for _ in range(2):
        begun = await acting(lambda tx: service.begin_production(tx, made.id, uid, 1))
        assert (begun.state, begun.card_uid, begun.keyset) == ("approved", uid, None)
    with pytest.raises(AnotherChip):
        await acting(lambda tx: service.begin_production(tx, made.id, other, 1))
    for _ in range(2):
        done = await acting(lambda tx: service.produced(tx, made.id, uid, 1))
        assert (done.state, done.card_uid, done.keyset) == ("produced", uid, 1)
    steps = [entry.action for entry in await acting(lambda tx: store.history(tx, made.id))]
    assert steps == ["token.produce", "token.encoded", "token.encode", "token.approve", "token.request"]


async def test_one_chip_is_in_one_live_card_and_free_again_when_that_ended(anna: UUID) -> None:
    first, second = await in_use(anna), await approved(await entitled(CODES[0]))
    assert first.card_uid is not None
    uid = first.card_uid
    with pytest.raises(ChipTaken):
        await acting(lambda tx: service.begin_production(tx, second.id, uid, 1))
    assert (await token(second.id)).card_uid is None
    await acting(lambda tx: service.end(tx, first.id, "returned"))
    assert (await acting(lambda tx: service.begin_production(tx, second.id, uid, 1))).card_uid == uid


async def test_a_chip_that_nothing_was_signed_for_is_given_up_and_the_card_stays(anna: UUID) -> None:
    made = await encoded(anna)
    assert made.card_uid is not None
    spoiled, fresh = made.card_uid, new_uid()
    with pytest.raises(AnotherChip):
        await acting(lambda tx: service.spoil(tx, made.id, fresh, "misprinted"))
    given_up = await acting(lambda tx: service.spoil(tx, made.id, spoiled, "misprinted"))
    assert (given_up.id, given_up.card_uid, given_up.keyset, given_up.state) == (made.id, None, None, "produced")
    again = await acting(lambda tx: service.produced(tx, made.id, fresh, 2))
    assert (again.card_uid, again.keyset, again.state) == (fresh, 2, "produced")


async def test_the_wrong_card_on_the_reader_leaves_the_card_as_it_is(anna: UUID) -> None:
    made, uid = await approved(anna), new_uid()
    first = await content(made.id, uid)
    kept = await acting(lambda tx: service.spoil(tx, made.id, uid, "wrong_card"))
    assert (kept.id, kept.card_uid, kept.state) == (made.id, None, "approved")
    other = await content(made.id, new_uid())
    assert (other.generation, other.number) == (first.generation + 1, first.number)


@pytest.mark.parametrize("why", ["defective", "misprinted"])
async def test_what_was_signed_for_a_spoiled_chip_stays_refused_for_ever(anna: UUID, why: str) -> None:
    old, uid = await in_use(anna), new_uid()
    made = await approved(anna, reason="renewal")
    written = await content(made.id, uid)
    if why == "misprinted":
        await acting(lambda tx: service.produced(tx, made.id, uid, 1))
    again = await acting(lambda tx: service.spoil(tx, made.id, uid, why))
    spoiled = await token(made.id)
    assert (spoiled.state, spoiled.reason, spoiled.status) == ("ended", "damaged", 1)
    assert (again.state, again.application_id, again.replaces) == ("approved", made.application_id, old.id)
    assert again.number != spoiled.number
    assert (again.status_list, again.status_index) != (spoiled.status_list, spoiled.status_index)
    assert made.application_id is not None
    asked = made.application_id
    line = await acting(lambda tx: request_store.get_request(tx, asked))
    assert (line.request.state, line.token.id if line.token else None) == ("approved", again.id)
    fresh = new_uid()
    assert (await content(again.id, fresh)).credential != written.credential
    await acting(lambda tx: service.produced(tx, again.id, fresh, 1))
    await acting(lambda tx: service.hand_over(tx, again.id))
    assert ((await token(old.id)).state, (await token(made.id)).status) == ("ended", 1)


async def test_a_card_in_use_keeps_its_chip_and_tells_its_keys_and_rights(anna: UUID) -> None:
    made = await in_use(anna)
    assert made.card_uid is not None
    uid = made.card_uid
    for refused in (
        lambda tx: service.spoil(tx, made.id, uid, "defective"),
        lambda tx: service.begin_production(tx, made.id, new_uid(), 1),
    ):
        with pytest.raises(StepRefused):
            await acting(refused)
    assert (await acting(lambda tx: service.rekeyed(tx, made.id, uid, 2))).keyset == 2
    with pytest.raises(AnotherChip):
        await acting(lambda tx: service.rekeyed(tx, made.id, new_uid(), 3))


async def test_the_content_fits_the_profile_and_its_credential_holds_for_this_chip(anna: UUID) -> None:
    made, uid = await approved(anna), new_uid()
    written = await content(made.id, uid)
    assert Image.of(written, 1).credential.startswith(written.credential)
    async with transaction(CLERK) as tx:
        verified = verify_card(written.credential, uid, store.trust(keystore()), tx.at)
    assert (verified.profile, verified.claims.uid, verified.claims.generation) == ("C", uid, 1)
    assert [right.code for right in verified.rights] == [record.concession for record in written.entitlements]
    assert {record.discount for record in written.entitlements} <= set(range(101))
    assert (written.number, written.issuer, written.holder.birth_year) == (made.number, 2, 1980)
    assert (written.quota, written.holder.photo) == (0, bytes(32))


async def test_asked_again_the_content_is_the_same_until_the_rights_change(anna: UUID) -> None:
    made, uid = await approved(anna), new_uid()
    first = await content(made.id, uid)
    assert await content(made.id, uid) == first
    with pytest.raises(AnotherChip):
        await acting(lambda tx: content_of(tx, made.id, new_uid()))
    await state(anna, "needy", "yes", "2026-01-01", "2026-06-01", 2)
    shorter = await content(made.id, uid)
    assert (first.generation, shorter.generation) == (1, 2)
    assert max(record.valid_to for record in shorter.entitlements) == made.valid_to
    assert (await credential(made.id)).generation == 2


async def test_a_card_in_use_that_lost_a_right_is_put_right_by_an_update(anna: UUID) -> None:
    made, uid = await approved(anna), new_uid()
    await content(made.id, uid)
    await acting(lambda tx: service.produced(tx, made.id, uid, 1))
    await acting(lambda tx: service.hand_over(tx, made.id))
    await state(anna, "needy", "yes", "2026-01-01", "2026-06-01", 2)
    assert await acting(lambda tx: service.compare_rights(tx, anna)) == 1
    assert (await token(made.id)).status == 3
    assert (await content(made.id, uid)).generation == 2
    assert (await token(made.id)).status == 3
    assert (await acting(lambda tx: service.updated(tx, made.id, uid))).status == 0


async def test_nothing_of_a_card_is_shown_on_paper_and_no_ended_card_is_written(anna: UUID) -> None:
    made = await in_use(anna)
    assert made.card_uid is not None
    uid = made.card_uid
    await content(made.id, uid)
    with pytest.raises(NotShown):
        await acting(lambda tx: store.open_credential(tx, made, "check"))
    await acting(lambda tx: service.end(tx, made.id, "returned"))
    with pytest.raises(StepRefused):
        await content(made.id, uid)
