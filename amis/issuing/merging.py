"""Two persons who turn out to be one: the tokens of both are one person's and go on working."""

from uuid import UUID

from sqlalchemy import select

from amis.issuing.card_models import TokenApplication
from amis.issuing.models import Token
from amis.issuing.requests import withdraw_double
from amis.kernel.db import Transaction
from amis.register.carrying import Carriage, carry

_COLUMNS = {
    "token": Token.person_id,
    "token_application": TokenApplication.person_id,
    "token_applicant": TokenApplication.applicant_id,
}


async def carry_tokens(tx: Transaction, carriage: Carriage) -> dict[str, list[str]]:
    """Makes tokens, ended ones too, and what was asked for the other person's; the ids of the rows.

    Where both wait for a decision about the same product, only one of them goes on waiting.
    """
    await _withdraw_doubles(tx, carriage)
    return {name: await carry(tx, carriage, name, column) for name, column in _COLUMNS.items()}


async def _withdraw_doubles(tx: Transaction, carriage: Carriage) -> None:
    waiting: dict[str, UUID] = {}
    query = select(TokenApplication).where(
        TokenApplication.municipality_id == tx.municipality_id,
        TokenApplication.person_id.in_((carriage.before, carriage.after)),
        TokenApplication.state.in_(("submitted", "referred")),
    )
    for row in list(await tx.session.scalars(query.order_by(TokenApplication.id))):
        if row.product in waiting:
            await withdraw_double(tx, row.id)
        waiting.setdefault(row.product, row.id)
