"""Loads the concessions of Latvia: the grantors, then what each of them gives (`amis.concessions.lv`)."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, text

from amis.concessions import cards, service, store
from amis.concessions.lv.daugavpils import DAUGAVPILS as GIVEN_BY_DAUGAVPILS
from amis.concessions.lv.edition import Classifier, Edition
from amis.concessions.lv.jelgava import JELGAVA as GIVEN_BY_JELGAVA
from amis.concessions.lv.riga import RIGA as GIVEN_BY_RIGA
from amis.concessions.lv.state import LATVIA
from amis.concessions.lv.ventspils import VENTSPILS as GIVEN_BY_VENTSPILS
from amis.kernel.db import Transaction
from amis.kernel.models import STATE

JELGAVA, RIGA, DAUGAVPILS, VENTSPILS = 2, 3, 4, 5
MUNICIPALITIES = (
    (STATE, "LV", "Latvijas valsts", "State of Latvia"),
    (JELGAVA, "JLG", "Jelgavas valstspilsētas pašvaldība", "Jelgava City Municipality"),
    (RIGA, "RIX", "Rīgas valstspilsētas pašvaldība", "Riga City Municipality"),
    (DAUGAVPILS, "DGP", "Daugavpils valstspilsētas pašvaldība", "Daugavpils City Municipality"),
    (VENTSPILS, "VNT", "Ventspils valstspilsētas pašvaldība", "Ventspils City Municipality"),
)
CLASSIFIERS: Mapping[int, Classifier] = {
    STATE: LATVIA,
    JELGAVA: GIVEN_BY_JELGAVA,
    RIGA: GIVEN_BY_RIGA,
    DAUGAVPILS: GIVEN_BY_DAUGAVPILS,
    VENTSPILS: GIVEN_BY_VENTSPILS,
}
NOTHING = Classifier((), ())


def seed_municipalities(owner: Connection) -> int:
    """Adds the grantors as the owner of the database, since the service itself may not; how many were new."""
    statement = text("INSERT INTO municipality VALUES (:id, :code, :name_lv, :name_en) ON CONFLICT (id) DO NOTHING")
    keys = ("id", "code", "name_lv", "name_en")
    return sum(owner.execute(statement, dict(zip(keys, row, strict=True))).rowcount for row in MUNICIPALITIES)


async def seed(tx: Transaction, only: Collection[str] | None = None) -> int:
    """Defines the concessions of the acting municipality, in its own transaction; how many were new.

    `only` names the codes that are wanted, None = all. A concession or card that is there already stays as it is, even
    where its grantor has changed it since.
    """
    given = CLASSIFIERS.get(tx.municipality_id, NOTHING)
    for group in given.groups:
        await service.define_group(tx, group)
    known = {card.code for card in await cards.list_cards(tx) if card.municipality_id == tx.municipality_id}
    for card in given.cards:
        if card.code not in known:
            await cards.define_card(tx, card)
    wanted = [one for one in given.editions if only is None or one.draft.code in only]
    return sum([await _define(tx, one) for one in wanted])


async def retire_old(tx: Transaction) -> int:
    """Retires what the acting municipality gives no more, once its rules are published; how many it was."""
    retired = 0
    for one in CLASSIFIERS.get(tx.municipality_id, NOTHING).editions:
        row = await store.by_code(tx, tx.municipality_id, one.draft.code) if one.retired else None
        retired += row is not None and await service.retire(tx, row.id, one.retired)
    return retired


async def _define(tx: Transaction, one: Edition) -> bool:
    if await store.by_code(tx, tx.municipality_id, one.draft.code) is not None:
        return False
    made = await service.define_concession(tx, one.draft)
    for terms in one.later:
        await service.revise_terms(tx, made.id, terms)
    return True
