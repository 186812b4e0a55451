"""Shapes of the JSON API of tokens."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from amis.issuing.models import Token


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class BlockIn(_Shape):
    """Why a token is to be blocked."""

    reason: Literal["lost", "stolen", "misuse", "holder_request", "office"]


class UnblockIn(_Shape):
    """Why a blocked token is to work again."""

    reason: Literal["mistake", "cleared", "holder_request"]


class ReplaceIn(_Shape):
    """Why a token is to get a successor."""

    reason: Literal["lost", "stolen", "damaged", "rights_changed", "renewal"]


class EndIn(_Shape):
    """Why a token is to end for ever."""

    reason: Literal["returned", "damaged", "lost", "stolen"]


class TokenOut(_Shape):
    """A token, valid on [valid_from, valid_to); `status` is its entry in the status list."""

    id: UUID
    person_id: UUID
    kind: str
    state: str
    reason: str = Field(description="why it is blocked or ended")
    number: str = Field(description="reference of 16 characters")
    status_list: int
    status_index: int
    status: int = Field(description="0 valid, 1 invalid, 2 suspended, 3 signed rights no longer hold")
    valid_from: date
    valid_to: date
    requested_at: datetime
    activated_at: datetime | None
    ended_at: datetime | None
    replaces: UUID | None

    @classmethod
    def of(cls, row: Token) -> "TokenOut":
        """The shape of a stored token."""
        return cls(**{field: getattr(row, field) for field in cls.model_fields})


class Aggregation(_Shape):
    """The addresses of all status lists (IETF Token Status List, "Status List Aggregation")."""

    status_lists: list[str]
