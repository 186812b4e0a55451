"""Shapes of the API that a desk's own commands use."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from amis.issuing.card_models import CardOperation
from amis.issuing.desk_words import TOTALS, said

Number = Annotated[str, Field(min_length=1, max_length=64)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class OperationIn(_Shape):
    """Work on the card of a token, named by its number; none for `read`, which takes any card."""

    kind: Literal["personalise", "verify", "read", "update", "rotate", "retire"]
    token: Number | None = Field(None, description="number of the card, however it is typed")


class CardBlockIn(_Shape):
    """The card that was lost or stolen, or is to be stopped for its holder; no desk by itself blocks against one."""

    number: Number
    reason: Literal["lost", "stolen", "holder_request"]


class CardBlockOut(_Shape):
    """The token as it stands after the block."""

    number: str
    state: str
    reason: str


class OperationOut(_Shape):
    """Work on a card as it stands: `sent` commands of about `total`; `code` says what it waits for or why it failed."""

    id: UUID
    kind: str
    state: str = Field(description="asked, running, waiting, done or failed")
    code: str
    message: str = Field(description="the same in English")
    detail: str
    sent: int
    total: int
    uid: str = Field(description="of the chip, hexadecimal; empty before a card was at hand")
    asked_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: CardOperation) -> "OperationOut":
        """The shape of a stored operation."""
        return cls(
            id=row.id,
            kind=row.kind,
            state=row.state,
            code=row.message,
            message=said(row.state, row.kind, row.message, row.detail),
            detail=row.detail,
            sent=row.sent,
            total=TOTALS[row.kind],
            uid=row.uid.hex() if row.uid else "",
            asked_at=row.asked_at,
            ended_at=row.ended_at,
        )
