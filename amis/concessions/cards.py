"""Card products: which card a grantor issues, what it costs and how long it lasts.

New fees are a new row from their first day; a row that was open ends there, and days gone by keep their price.
"""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from amis.concessions.drafts import CODE, LONGEST
from amis.concessions.errors import CardInvalid, CardOverlap, PeriodReversed
from amis.concessions.models import CardProduct
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.models import STATE
from rules.tariff import to_cents

_MOST_MONTHS = 600
_DEAREST = Decimal(1000)


@dataclass(frozen=True, slots=True)
class CardDraft:
    """A card on the days `[valid_from, valid_to)`: fees in euros, months from issue until a card expires."""

    code: str
    name_lv: str
    name_en: str
    first_fee: Decimal
    replacement_fee: Decimal
    valid_months: int
    legal_basis: str
    valid_from: date
    valid_to: date | None = None

    def check(self) -> None:
        """Raises CardInvalid, PeriodReversed; the pointer names the field."""
        if not CODE.fullmatch(self.code):
            raise CardInvalid("2 to 32 capital letters, digits and hyphens", pointer="/code")
        for field in ("name_lv", "name_en", "legal_basis"):
            if not 0 < len(getattr(self, field).strip()) <= LONGEST:
                raise CardInvalid("is required", pointer=f"/{field}")
        for field in ("first_fee", "replacement_fee"):
            fee = getattr(self, field)
            if not 0 <= fee <= _DEAREST or fee != to_cents(fee):
                raise CardInvalid("euros in whole cents", pointer=f"/{field}")
        if not 1 <= self.valid_months <= _MOST_MONTHS:
            raise CardInvalid("1 to 600 months", pointer="/valid_months")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise PeriodReversed(pointer="/valid_to")


async def define_card(tx: Transaction, draft: CardDraft) -> UUID:
    """A card product of the acting municipality, or new fees of one; an open row before it ends on its first day.

    Raises:
        CardInvalid, PeriodReversed, CardOverlap
    """
    draft.check()
    for row in await _editions(tx, draft.code):
        await _make_room(tx, row, draft)
    row = CardProduct(id=new_id(), municipality_id=tx.municipality_id, **asdict(draft))
    tx.session.add(row)
    try:
        await tx.session.flush()
    except IntegrityError as error:  # somebody else's fees came first
        raise CardOverlap(pointer="/valid_from") from error
    await audit.record(tx, "card_product.define", ("card_product", row.id), after=_plain(draft))
    return row.id


async def list_cards(tx: Transaction) -> list[CardProduct]:
    """Own card products and the state's, by code, the newest first."""
    own = CardProduct.municipality_id.in_((STATE, tx.municipality_id))
    order = CardProduct.code, CardProduct.valid_from.desc()
    return list(await tx.session.scalars(select(CardProduct).where(own).order_by(*order)))


async def cards_on(tx: Transaction, day: date) -> list[CardProduct]:
    """The acting municipality's own card products with what they cost on a day, by code."""
    query = select(CardProduct).where(
        CardProduct.municipality_id == tx.municipality_id,
        CardProduct.valid_from <= day,
        or_(CardProduct.valid_to.is_(None), CardProduct.valid_to > day),
    )
    return list(await tx.session.scalars(query.order_by(CardProduct.code)))


async def _editions(tx: Transaction, code: str) -> list[CardProduct]:
    query = select(CardProduct).where(CardProduct.municipality_id == tx.municipality_id, CardProduct.code == code)
    return list(await tx.session.scalars(query.with_for_update(key_share=True)))


async def _make_room(tx: Transaction, row: CardProduct, draft: CardDraft) -> None:
    if row.valid_to is None and row.valid_from < draft.valid_from:
        row.valid_to = draft.valid_from
        await tx.session.flush()
        ended = {"valid_to": row.valid_to.isoformat()}
        await audit.record(tx, "card_product.end", ("card_product", row.id), before={"valid_to": None}, after=ended)
    elif (row.valid_to is None or draft.valid_from < row.valid_to) and (
        draft.valid_to is None or row.valid_from < draft.valid_to
    ):
        raise CardOverlap(pointer="/valid_from")


def _plain(draft: CardDraft) -> dict[str, str | int | None]:
    # the trail is JSON: days and amounts are written as they are read
    said = asdict(draft)
    return {name: value if value is None or isinstance(value, int) else str(value) for name, value in said.items()}
