"""The naive endpoint's request and answer."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel


class Tapped(BaseModel):
    """The request."""

    seq: int
    token: str
    at: datetime
    gross: Decimal
    product: str = "single"


class Answered(BaseModel):
    """The answer."""

    seq: int
    verdict: str
    reason: str
    payable: Decimal
    quota_left: int | None
    use: UUID | None
