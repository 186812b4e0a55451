from datetime import date

import pytest

from amis.issuing import service
from amis.issuing.errors import NotShown
from amis.issuing.printing import letter_of
from amis.kernel.actor import Actor
from amis.kernel.errors import PurposeMissing
from tests.issuing.town import CHECK, acting, entitled, issued


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
