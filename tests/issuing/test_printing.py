from datetime import date

import pytest

from amis.issuing import service, store
from amis.issuing.errors import NameNotKnown, NotShown
from amis.issuing.printing import letter_of
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.errors import PurposeMissing
from amis.kernel.keys import keystore
from cards.credential import verify
from tests.issuing.town import CHECK, acting, credential, enrolled, entitled, issued, state, token


async def test_the_letter_says_whose_it_is_and_what_it_gives_until_when(town: Actor) -> None:
    made = await issued(await entitled())
    latvian = await acting(lambda tx: letter_of(tx, made.id, CHECK, "lv"))
    assert latvian.recipient == "Žanete Šķēle"
    assert latvian.municipality == "Jelgavas valstspilsētas pašvaldība"
    assert latvian.concessions[0] == "Personas ar I vai II grupas invaliditāti – 13.04.2027."
    assert (latvian.valid_until, latvian.issued_on) == (date(2027, 4, 13), date(2026, 3, 10))
    assert latvian.qr_text.startswith("AM1:")
    english = await acting(lambda tx: letter_of(tx, made.id, CHECK, "en"))
    assert english.concessions[0] == "Persons with a group I or II disability – 13/04/2027"


async def test_there_is_no_letter_without_a_purpose_or_for_a_blocked_token(town: Actor) -> None:
    made = await issued(await entitled())
    with pytest.raises(PurposeMissing):
        await acting(lambda tx: letter_of(tx, made.id, " ", "lv"))
    await acting(lambda tx: service.block(tx, made.id, "lost"))
    with pytest.raises(NotShown):
        await acting(lambda tx: letter_of(tx, made.id, CHECK, "lv"))


async def test_a_letter_with_the_name_carries_it_signed_beside_the_anonymous_one(town: Actor) -> None:
    made = await issued(await entitled())
    plain, named, again = [
        (await acting(lambda tx, name=name: letter_of(tx, made.id, CHECK, "lv", named=name))).qr_text or ""
        for name in (False, True, True)
    ]
    shown, nameless = (verify(text, store.trust(keystore()), clock.now()) for text in (named, plain))
    assert (shown.profile, shown.claims.name, shown.claims.birth_year) == ("P", "Žanete Šķēle", 1980)
    assert (nameless.profile, nameless.claims.name) == ("S", None)
    assert shown.claims.status == nameless.claims.status
    assert shown.cti != nameless.cti
    assert again == named
    assert (await acting(lambda tx: letter_of(tx, made.id, CHECK, "lv"))).qr_text == plain


async def test_without_a_birth_date_there_is_no_letter_with_the_name(town: Actor) -> None:
    person = await enrolled(born=None)
    await state(person, "disability", "I", "2026-01-01", None)
    made = await issued(person)
    with pytest.raises(NameNotKnown):
        await acting(lambda tx: letter_of(tx, made.id, CHECK, "lv", named=True))
    assert (await credential(made.id)).profile == "S"


async def test_a_right_lost_from_either_letter_marks_the_token(town: Actor) -> None:
    person = await entitled()
    made = await issued(person)
    await state(person, "needy", "yes", "2026-01-01", "2027-06-01", version=2)
    await acting(lambda tx: letter_of(tx, made.id, CHECK, "lv", named=True))
    assert await acting(lambda tx: service.compare_rights(tx, person)) == 0
    await state(person, "needy", "yes", "2026-01-01", "2026-12-01", version=3)
    assert await acting(lambda tx: service.compare_rights(tx, person)) == 1
    assert (await token(made.id)).status == 3
